import type { RecordHeaders } from '@preservarium/backend';

/** A record that a suite writes without the backend under test. */
export interface WrittenRecord {
  readonly partition: number;
  readonly key?: string | Buffer;
  readonly headers?: RecordHeaders;
  /** Any bytes, or the missing value of a tombstone. */
  readonly value: Buffer | null;
  /** When it is said to be written, in milliseconds since 1970. Default: now. */
  readonly timestampMs?: number;
}
