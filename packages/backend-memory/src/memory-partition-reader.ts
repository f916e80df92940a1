import type { ConsumedRecord, SubscribeOptions } from '@preservarium/backend';
import type { MemoryTopic } from './memory-topic.js';

const maxRecordsPerCall = 500;

export interface MemoryPartitionReaderOptions {
  readonly topic: MemoryTopic;
  readonly partition: number;
  /** The offset of the first record. */
  readonly offset: number;
  readonly onRecords: SubscribeOptions['onRecords'];
  onFailed(error: unknown): void;
}

export interface MemoryPartitionReader {
  /** Hands over nothing more; a call of `onRecords` in flight goes on. */
  stop(): void;
  /** Resolves when no call of `onRecords` is in flight. */
  idle(): Promise<void>;
  /** Returns the offset after the last record that was handed over. */
  nextOffset(): number;
}

/** Hands over the records of one partition in order, one call of `onRecords` at a time. */
export function createMemoryPartitionReader(options: MemoryPartitionReaderOptions): MemoryPartitionReader {
  const { topic, partition, onRecords, onFailed } = options;
  let offset = options.offset;
  let stopped = false;
  let reading: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    // A turn later, so that nobody's `publish` runs a consumer's code, and records written together come together.
    await Promise.resolve();
    while (!stopped) {
      offset = Math.max(offset, topic.startOffset(partition));
      const records = topic.read(partition, offset, maxRecordsPerCall);
      if (records.length === 0) return;
      offset = (records.at(-1) as ConsumedRecord).offset + 1;
      await onRecords(records);
    }
  }

  function wake(): void {
    if (stopped || reading) return;
    reading = readAll()
      .catch(onFailed)
      .finally(() => {
        reading = undefined;
        if (topic.endOffset(partition) > offset) wake();
      });
  }

  const unlisten = topic.onAppend(partition, wake);
  wake();
  return {
    stop() {
      stopped = true;
      unlisten();
    },
    idle: async () => reading,
    nextOffset: () => offset,
  };
}
