import type { PublishRecord } from '@preservarium/backend';

/** kafkajs makes one batch of the records of a request, and the brokers refuse one of more than 1,048,588 bytes. */
const maxBatchBytes = 900_000;
/** Records of one request. */
export const maxBatchRecords = 2_000;

/** Records of one partition, in the order in which they are to be written. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly PublishRecord[];
}

/** Returns the batches by request: those of one topic and broker together, as far as they fit into one. */
export function groupByRequest<Records extends PartitionRecords>(
  batches: readonly Records[],
  leaderOf: (topic: string, partition: number) => number | undefined,
): readonly (readonly Records[])[] {
  const groups: Records[][] = [];
  const open = new Map<string, { readonly group: Records[]; records: number; bytes: number }>();
  for (const batch of batches) {
    const { topic, partition } = batch;
    const records = batch.records.length;
    const bytes = batch.records.reduce((sum, record) => sum + sizeOf(record), 0);
    const leader = leaderOf(topic, partition);
    const found = open.get(`${leader}/${topic}`);
    const fits = found && found.records + records <= maxBatchRecords && found.bytes + bytes <= maxBatchBytes;
    if (fits) {
      found.group.push(batch);
      found.records += records;
      found.bytes += bytes;
      continue;
    }
    const group = [batch];
    groups.push(group);
    if (leader !== undefined) open.set(`${leader}/${topic}`, { group, records, bytes });
  }
  return groups;
}

/** Divides the records of a partition into requests. */
export function* divide(records: readonly PublishRecord[]): Generator<readonly PublishRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const recordBytes = sizeOf(record);
    bytes += recordBytes;
    if (index > start && (bytes > maxBatchBytes || index - start === maxBatchRecords)) {
      yield records.slice(start, index);
      start = index;
      bytes = recordBytes;
    }
  }
  yield records.slice(start);
}

function sizeOf({ key, value }: PublishRecord): number {
  return key.length + value.length;
}
