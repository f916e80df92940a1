/** A token bucket of bytes for each device. */
export interface WriteBudget {
  /** Returns for how many milliseconds the device may write nothing; 0 if it may write now. */
  waitMs(deviceId: string): number;
  /** Takes the bytes of a write from the device's bucket, which may become overdrawn by it. */
  spend(deviceId: string, bytes: number): void;
}

export interface WriteBudgetOptions {
  readonly bytesPerSecond: number;
  /** Bytes in a full bucket. */
  readonly burstBytes: number;
  /** Milliseconds of a clock that never goes back. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

interface Bucket {
  bytes: number;
  filledAtMs: number;
}

/** Returns buckets that are full at first. Buckets that are full again are forgotten. */
export function createWriteBudget({
  bytesPerSecond,
  burstBytes,
  nowMs = () => performance.now(),
}: WriteBudgetOptions): WriteBudget {
  // A write is at most as large as a burst, so a bucket is full when nothing was taken from it for twice the time.
  const fullAfterMs = (2_000 * burstBytes) / bytesPerSecond;
  let recent = new Map<string, Bucket>();
  let older = new Map<string, Bucket>();
  let rotatedAtMs = nowMs();

  function bucketOf(deviceId: string): Bucket | undefined {
    const now = nowMs();
    if (now - rotatedAtMs >= fullAfterMs) {
      older = recent;
      recent = new Map();
      rotatedAtMs = now;
    }
    const bucket = recent.get(deviceId) ?? older.get(deviceId);
    if (bucket === undefined) return undefined;
    bucket.bytes = Math.min(burstBytes, bucket.bytes + ((now - bucket.filledAtMs) * bytesPerSecond) / 1_000);
    bucket.filledAtMs = now;
    return bucket;
  }

  return {
    waitMs(deviceId) {
      const { bytes } = bucketOf(deviceId) ?? { bytes: burstBytes };
      return bytes > 0 ? 0 : Math.ceil((1_000 * -bytes) / bytesPerSecond) + 1;
    },
    spend(deviceId, bytes) {
      const bucket = bucketOf(deviceId) ?? { bytes: burstBytes, filledAtMs: nowMs() };
      bucket.bytes -= bytes;
      recent.set(deviceId, bucket);
    },
  };
}
