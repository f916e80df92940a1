import type { ConsumedRecord } from '@preservarium/backend';

/** A record to append. The key and the value may be missing, as in records that other programs write. */
export interface MemoryRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The log of one topic, kept in memory until nothing refers to it. */
export interface MemoryTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Largest key and value together, in bytes. */
  readonly maxMessageBytes: number;
  /** Everything in the topic, in the order in which it was written. */
  readonly records: readonly ConsumedRecord[];
  hasPartition(partition: number): boolean;
  append(partition: number, record: MemoryRecord): ConsumedRecord;
  /** At most `maxRecords` of a partition, from `offset` on. */
  read(partition: number, offset: number, maxRecords: number): readonly ConsumedRecord[];
  endOffset(partition: number): number;
  /** Calls `listener` after each record appended to the partition, until the returned function is called. */
  onAppend(partition: number, listener: () => void): () => void;
}

interface Log {
  readonly records: ConsumedRecord[];
  readonly listeners: Set<() => void>;
}

export function createMemoryTopic(topic: string, partitions: number, maxMessageBytes: number): MemoryTopic {
  const records: ConsumedRecord[] = [];
  const logs: Log[] = Array.from({ length: partitions }, () => ({ records: [], listeners: new Set() }));

  function logOf(partition: number): Log {
    const log = logs[partition];
    if (log === undefined) throw new RangeError(`topic "${topic}" has no partition ${partition}`);
    return log;
  }

  return {
    topic,
    partitions,
    maxMessageBytes,
    records,
    hasPartition: (partition) => logs[partition] !== undefined,
    append(partition, { key, value, headers = {} }) {
      const log = logOf(partition);
      const record: ConsumedRecord = {
        topic,
        partition,
        offset: log.records.length,
        timestampMs: Date.now(),
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        headers: { ...headers },
      };
      log.records.push(record);
      records.push(record);
      for (const listener of log.listeners) listener();
      return record;
    },
    read: (partition, offset, maxRecords) => logOf(partition).records.slice(offset, offset + maxRecords),
    endOffset: (partition) => logOf(partition).records.length,
    onAppend(partition, listener) {
      const { listeners } = logOf(partition);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
