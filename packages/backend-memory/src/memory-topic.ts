import { type ConsumedRecord, noHeaders, type RecordHeader, type RecordHeaders } from '@preservarium/backend';

/** A record to append. The key and the value may be missing, as in records that other programs write. */
export interface MemoryRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
  /** Milliseconds since 1970. Default: now. */
  readonly timestampMs?: number;
}

/** The log of one topic, kept in memory until nothing refers to it. */
export interface MemoryTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Kafka's settings, of which `max.message.bytes` holds here. */
  readonly config: Readonly<Record<string, string>>;
  /** Largest key and value together, in bytes. */
  readonly maxMessageBytes: number;
  /** Everything in the topic, in the order in which it was written. */
  readonly records: readonly ConsumedRecord[];
  hasPartition(partition: number): boolean;
  append(partition: number, record: MemoryRecord): ConsumedRecord;
  /** Takes an offset without a record, as the marker of a transaction does. */
  appendMarker(partition: number): void;
  /** Returns the records at the next `maxOffsets` of a partition, from `offset` on, and the offset after them. */
  read(partition: number, offset: number, maxOffsets: number): MemoryRead;
  /** Returns the offset of the oldest record that is left; the end where there is none. */
  startOffset(partition: number): number;
  endOffset(partition: number): number;
  /** Returns the offset of the first record written at or after the time; `undefined` where there is none. */
  offsetForTime(partition: number, timestampMs: number): number | undefined;
  /** Deletes the records of a partition below the offset, as a topic's retention does; `records` keeps them. */
  deleteBefore(partition: number, offset: number): void;
  /** Deletes everything: the topic is another one from now on. */
  recreate(): void;
  /** Members have the new ones from their group's next rebalance on. */
  addPartitions(count: number): void;
  /** Calls `listener` after each record appended to the partition, until the returned function is called. */
  onAppend(partition: number, listener: () => void): () => void;
}

interface MemoryRead {
  readonly records: readonly ConsumedRecord[];
  /** The given one at the end of the partition. */
  readonly nextOffset: number;
}

interface Log {
  /** By offset; undefined for a marker. */
  readonly records: (ConsumedRecord | undefined)[];
  startOffset: number;
  readonly listeners: Set<() => void>;
}

/** As those of a broker. */
const defaultConfig = { 'cleanup.policy': 'delete', 'retention.ms': String(7 * 24 * 3600_000) };

export function createMemoryTopic(
  topic: string,
  partitions: number,
  given: Readonly<Record<string, string>>,
): MemoryTopic {
  const config: Readonly<Record<string, string>> = { ...defaultConfig, ...given };
  const records: ConsumedRecord[] = [];
  const logs: Log[] = [];
  addPartitions(partitions);

  function addPartitions(count: number): void {
    for (let added = 0; added < count; added++)
      logs.push({ records: [], startOffset: 0, listeners: new Set() });
  }

  function logOf(partition: number): Log {
    const log = logs[partition];
    if (log === undefined) throw new RangeError(`topic "${topic}" has no partition ${partition}`);
    return log;
  }

  return {
    topic,
    get partitions() {
      return logs.length;
    },
    config,
    maxMessageBytes: Number(config['max.message.bytes']),
    records,
    hasPartition: (partition) => logs[partition] !== undefined,
    append(partition, { key, value, headers = noHeaders, timestampMs = Date.now() }) {
      const log = logOf(partition);
      const record: ConsumedRecord = {
        topic,
        partition,
        offset: log.records.length,
        timestampMs,
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        headers: headers.length === 0 ? noHeaders : headers.map(copyHeader),
      };
      log.records.push(record);
      records.push(record);
      for (const listener of log.listeners) listener();
      return record;
    },
    appendMarker(partition) {
      const log = logOf(partition);
      log.records.push(undefined);
      for (const listener of log.listeners) listener();
    },
    read(partition, offset, maxOffsets) {
      const { records, startOffset } = logOf(partition);
      const from = Math.max(offset, startOffset);
      const taken = records.slice(from, from + maxOffsets);
      return { records: taken.filter((record) => record !== undefined), nextOffset: from + taken.length };
    },
    startOffset: (partition) => logOf(partition).startOffset,
    endOffset: (partition) => logOf(partition).records.length,
    offsetForTime: (partition, timestampMs) =>
      logOf(partition).records.find((record) => record !== undefined && record.timestampMs >= timestampMs)
        ?.offset,
    deleteBefore(partition, offset) {
      const log = logOf(partition);
      log.startOffset = Math.min(Math.max(offset, log.startOffset), log.records.length);
    },
    recreate() {
      records.length = 0;
      for (const log of logs) {
        log.records.length = 0;
        log.startOffset = 0;
      }
    },
    addPartitions,
    onAppend(partition, listener) {
      const { listeners } = logOf(partition);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function copyHeader([name, value]: RecordHeader): RecordHeader {
  return [name, value && Buffer.from(value)];
}
