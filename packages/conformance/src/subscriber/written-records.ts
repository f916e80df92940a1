import type { WrittenRecord } from '../written-record.js';

/** Numbered records from `start` up to `end`, dealt in turn to the partitions. */
export function writtenRecords(start: number, end: number, partitions: number): WrittenRecord[] {
  return Array.from({ length: end - start }, (_, index) => {
    const number = start + index;
    const partition = number % partitions;
    return { partition, key: `device-${partition}`, value: Buffer.from(`${number} `) };
  });
}
