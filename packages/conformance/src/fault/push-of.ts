import type { ConsumedRecord } from '@preservarium/backend';
import type { AuditedRecord } from '../audit-pushes.js';

/** Returns which push a record came from: its key is the device, its value begins with the sequence. */
export function pushOf({ key, value }: Pick<ConsumedRecord, 'key' | 'value'>): AuditedRecord {
  return { deviceId: String(key), sequence: Number.parseInt(String(value), 10) };
}
