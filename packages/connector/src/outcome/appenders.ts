import { type Appender, type AppenderOptions, createAppender } from './appender.js';

/** Records that wait for Kafka, divided among the partitions: beyond its part, no attempt of a partition starts. */
const maxPendingRecords = 50_000;

/** An appender for each partition of the command topic, so that what Kafka does not take for one of them holds up no other. */
export interface Appenders {
  /** @param partition undefined: that of a device is not known */
  of(partition: number | undefined): Appender;
  /** Resolves when all that was appended for these partitions is written. Default: for all */
  flushed(partitions?: readonly number[]): Promise<void>;
  /** Records that Kafka refused, and in whose place something smaller was written, or nothing. */
  refused(): number;
  /** Tries nothing again any more. */
  stop(): void;
}

export function createAppenders(options: Omit<AppenderOptions, 'maxPendingRecords'>): Appenders {
  const appenders = new Map<number | undefined, Appender>();
  let isStopped = false;

  function of(partition: number | undefined): Appender {
    const known = appenders.get(partition);
    if (known !== undefined) return known;
    const appender = createAppender({
      ...options,
      maxPendingRecords: () => maxPendingRecords / appenders.size,
      onFatal(error) {
        stop();
        options.onFatal(error);
      },
    });
    if (isStopped) appender.stop();
    appenders.set(partition, appender);
    return appender;
  }

  function stop(): void {
    isStopped = true;
    for (const appender of appenders.values()) appender.stop();
  }

  return {
    of,
    async flushed(partitions) {
      const chosen = partitions?.map(of) ?? [...appenders.values()];
      await Promise.all(chosen.map((appender) => appender.flushed()));
    },
    refused: () => [...appenders.values()].reduce((sum, appender) => sum + appender.refused(), 0),
    stop,
  };
}
