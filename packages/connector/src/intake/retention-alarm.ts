import type { ConsumedRecord, Logger } from '@preservarium/backend';

const lookEveryMs = 1_000;

export interface RetentionAlarmOptions {
  readonly clock: () => number;
  readonly logger: Pick<Logger, 'error'>;
}

/** Tells when a command that cannot be taken has been in its topic for half of the time that it stays there. */
export interface RetentionAlarm {
  /** @param retentionMs how long the command topic keeps a record; undefined without limit, or where it is not known */
  setRetention(retentionMs: number | undefined): void;
  /** The partition is paused, and this is the oldest of its commands that was not taken. */
  paused(record: ConsumedRecord): void;
  resumed(partition: number): void;
  /** Partitions that are paused, and whose oldest command has passed half of the retention. */
  endangered(): readonly number[];
}

export function createRetentionAlarm({ clock, logger }: RetentionAlarmOptions): RetentionAlarm {
  const oldest = new Map<number, ConsumedRecord>();
  const told = new Set<number>();
  let retentionMs = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function endangered(): readonly number[] {
    const limitMs = retentionMs / 2;
    const nowMs = clock();
    return [...oldest.values()]
      .filter(({ timestampMs }) => nowMs - timestampMs > limitMs)
      .map(({ partition }) => partition);
  }

  function look(): void {
    for (const partition of endangered()) {
      if (told.has(partition)) continue;
      told.add(partition);
      const { topic, offset, timestampMs } = oldest.get(partition) as ConsumedRecord;
      logger.error(
        { topic, partition, offset, ageMs: clock() - timestampMs, retentionMs },
        'the partition is paused, and its oldest command has passed half of the retention of the topic, which will remove it: make room or mend the device side, or raise retention.ms of the topic',
      );
    }
  }

  return {
    setRetention(ms = Number.POSITIVE_INFINITY) {
      retentionMs = ms;
    },
    paused(record) {
      oldest.set(record.partition, record);
      timer ??= setInterval(look, lookEveryMs).unref();
      look();
    },
    resumed(partition) {
      oldest.delete(partition);
      told.delete(partition);
      if (oldest.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    endangered,
  };
}
