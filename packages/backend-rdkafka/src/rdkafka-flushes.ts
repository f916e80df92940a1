import type { LibrdKafkaError, MessageHeader } from 'node-rdkafka';

/** The part of node-rdkafka's producer that publishing needs. */
export interface BatchProducer {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer,
    key: string | Buffer,
    timestamp: null,
    opaque: object | undefined,
    headers: MessageHeader[] | undefined,
  ): unknown;
  flush(timeoutMs: number, done: (error: LibrdKafkaError | null) => void): unknown;
  /** The last error that belonged to no record. */
  getLastError(): LibrdKafkaError | null;
}

/** The flushes of a producer: each is a wait in a thread that also serves the reports of the client. */
export interface Flushes {
  /** Resolves with whether the client had neither records nor reports left at its end. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Resolves when every report that the client has made so far has been served: it reaches JavaScript in one of the next turns. */
  served(): Promise<void>;
  /** Flushes until nothing is left, or for about so long. Resolves with whether nothing is left. */
  untilEmpty(timeoutMs: number): Promise<boolean>;
}

export const longestFlushMs = 100;
/** Up to this size the outcome of a batch is asked for without a pause. Pushes by the dozen gain less from it than the asking takes from them. */
const maxUrgentRecords = 8;

/**
 * Returns how long to flush for a batch of so many records that was produced some time ago. A success wakes nobody in the client, whose flush looks
 * every 10 ms: asking it anew is what makes a lone push fast. Behind a large batch the thread has better things to do than to ask without a pause.
 */
export function flushMs(elapsedMs: number, records: number): number {
  if (elapsedMs < 2 && records <= maxUrgentRecords) return 0;
  return elapsedMs < 200 ? 1 : longestFlushMs;
}

/** Returns the flushes of a producer. */
export function createFlushes(producer: Pick<BatchProducer, 'flush'>): Flushes {
  const inFlight = new Set<Promise<boolean>>();

  function flush(timeoutMs: number): Promise<boolean> {
    const flushing = new Promise<boolean>((resolve) => {
      producer.flush(timeoutMs, (error) => resolve(!error));
    });
    inFlight.add(flushing);
    return flushing.finally(() => inFlight.delete(flushing));
  }

  return {
    flush,
    async served() {
      // One in flight may have taken reports that it has not served yet.
      await Promise.all([...inFlight]);
      await flush(0);
    },
    async untilEmpty(timeoutMs) {
      const giveUpAtMs = performance.now() + timeoutMs;
      while (!(await flush(Math.min(timeoutMs, longestFlushMs)))) {
        if (performance.now() > giveUpAtMs) return false;
      }
      return true;
    },
  };
}
