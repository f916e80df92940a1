import type { PublishRecord } from '@preservarium/backend';
import { sizeOf } from './size-of.js';

// Measured with 50,000 pending pushes of a service on each client: 1,350 to 1,570 bytes of heap for a small command; in calls of 1,000 records, 160 to
// 220 bytes for a record beside its content.
const bytesOfCall = 1_100;
const bytesOfRecord = 200;

/** Returns the memory that one pending call takes: its records, its promises, its deadline, and what the caller's service keeps for it. */
export function pendingCost(records: readonly PublishRecord[]): number {
  return bytesOfCall + records.length * bytesOfRecord + sizeOf(records);
}
