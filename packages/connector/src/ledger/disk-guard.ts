import { isDiskFull } from '@preservarium/state-file';

/**
 * Stands between a store and a disk that may be full. SQLite gives up the whole transaction then, so the memory of the store and its file say different
 * things: from then on nothing is read or written any more, and a new store is made from the file once there is room.
 */
export interface DiskGuard {
  /** The disk was full: the store answers as an empty one. */
  readonly isOver: boolean;
  /** Takes an error of SQLite; throws it unless it says that the disk is full. */
  failed(error: unknown): void;
  /** Returns the result of the work on the database; `otherwise` where the disk is full, or was before. */
  attempt<Result>(work: () => Result, otherwise: Result): Result;
}

/** @param onFull called once, in the middle of what the store is asked to do */
export function createDiskGuard(onFull: (error: unknown) => void): DiskGuard {
  const guard = {
    isOver: false,
    failed(error: unknown) {
      if (!isDiskFull(error)) throw error;
      if (guard.isOver) return;
      guard.isOver = true;
      onFull(error);
    },
    attempt<Result>(work: () => Result, otherwise: Result): Result {
      if (guard.isOver) return otherwise;
      try {
        return work();
      } catch (error) {
        guard.failed(error);
        return otherwise;
      }
    },
  };
  return guard;
}
