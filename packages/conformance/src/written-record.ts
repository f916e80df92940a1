/** A record that a suite writes without the backend under test. */
export interface WrittenRecord {
  readonly partition: number;
  readonly key?: string;
  /** Any bytes, or the missing value of a tombstone. */
  readonly value: Buffer | null;
}
