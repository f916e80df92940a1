import type { ConsumedRecord, SubscribeOptions } from '@preservarium/backend';
import type { MemoryTopic } from './memory-topic.js';

const maxOffsetsPerCall = 500;
/** As of the Kafka clients; a larger record comes alone. */
const maxBytesPerCall = 256 * 1024;

export interface MemoryPartitionReaderOptions {
  readonly topic: MemoryTopic;
  readonly partition: number;
  /** The offset of the first record. */
  readonly offset: number;
  readonly onRecords: SubscribeOptions['onRecords'];
  /** Called with the offset of the end, when the partition was read to it. */
  onCaughtUp(endOffset: number): Promise<void>;
  onFailed(error: unknown): void;
}

export interface MemoryPartitionReader {
  /** Hands over nothing more; a call of `onRecords` in flight goes on. */
  stop(): void;
  /** Resolves when no call of `onRecords` is in flight. */
  idle(): Promise<void>;
  /** Returns the offset after the last record that was handed over; that of the start if there is none. */
  nextOffset(): number;
}

/** Hands over the records of one partition in order, one call of `onRecords` at a time. */
export function createMemoryPartitionReader(options: MemoryPartitionReaderOptions): MemoryPartitionReader {
  const { topic, partition, onRecords, onCaughtUp, onFailed } = options;
  let offset = options.offset;
  /** The offset after the last record. */
  let recordsEnd = offset;
  let stopped = false;
  let reading: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    // A turn later, so that nobody's `publish` runs a consumer's code, and records written together come together.
    await Promise.resolve();
    while (!stopped) {
      offset = Math.max(offset, topic.startOffset(partition));
      const read = topic.read(partition, offset, maxOffsetsPerCall);
      if (read.nextOffset === offset) return onCaughtUp(offset);
      const records = firstOf(read.records);
      const last = records.at(-1);
      if (last !== undefined) recordsEnd = last.offset + 1;
      offset = records.length < read.records.length ? recordsEnd : read.nextOffset;
      if (records.length === 0) continue;
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
    nextOffset: () => recordsEnd,
  };
}

/** Returns as many of the records as one call may take, at least one if there is any. */
function firstOf(records: readonly ConsumedRecord[]): readonly ConsumedRecord[] {
  let bytes = 0;
  const end = records.findIndex(({ key, value }, index) => {
    bytes += (key?.length ?? 0) + (value?.length ?? 0);
    return bytes > maxBytesPerCall && index > 0;
  });
  return end === -1 ? records : records.slice(0, end);
}
