import type { PendingCommand } from '../pending-command.js';

/** Marks the records of commands as processed, when Kafka has what follows from them. */
export interface ProcessedRecords {
  /** @param written resolves when Kafka has it; undefined where nothing follows */
  markAfter(written: Promise<void> | undefined, pending: PendingCommand): void;
  /** The command goes into the changelog: the ledger marks its record when it reads it there. */
  defer(pending: PendingCommand): void;
  /** It does not: Kafka cannot keep it. */
  undefer(pending: PendingCommand): void;
}

/** @param onMarked called when the command takes no capacity any more */
export function createProcessedRecords(onMarked: (pending: PendingCommand) => void): ProcessedRecords {
  const deferred = new Set<PendingCommand>();
  const writtenWith = new WeakMap<Promise<void>, PendingCommand[]>();

  function markAfter(written: Promise<void> | undefined, pending: PendingCommand): void {
    if (written === undefined) {
      mark(pending);
      return;
    }
    let together = writtenWith.get(written);
    if (together === undefined) {
      // Many are written together; a promise for each would cost more than the marking.
      const pendings: PendingCommand[] = [];
      together = pendings;
      writtenWith.set(written, pendings);
      void written.then(() => pendings.forEach(mark));
    }
    together.push(pending);
  }

  /**
   * Of one that waits, the ledger learns from the changelog that it has ended. Not in the batch of its events: a crash may leave one part of a batch
   * unwritten, and the end of a command must not be known without them.
   */
  function mark(pending: PendingCommand): void {
    const { ledger, record, waitingSinceMs } = pending;
    if (waitingSinceMs !== undefined) void ledger.appender.append(ledger.doneRecord(record));
    else if (!deferred.delete(pending)) ledger.markProcessed(record);
    onMarked(pending);
  }

  return {
    markAfter,
    defer: (pending) => deferred.add(pending),
    undefer: (pending) => deferred.delete(pending),
  };
}
