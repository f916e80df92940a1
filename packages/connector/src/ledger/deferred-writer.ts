import type { PublishRecord } from '@preservarium/backend';
import type { PendingCommand } from '../pending-command.js';
import { type ChangelogPlace, deferredRecord } from './changelog.js';
import type { WaitingCommand, WaitingCommands } from './waiting-store.js';

/** So many are read and written at a time: the event loop goes on in between. */
const windowSize = 500;

/** Writes to the changelog the commands that wait. */
export interface DeferredWriter {
  /** Returns the record that keeps a command. */
  recordOf(pending: PendingCommand): PublishRecord;
  /** Returns true if the device may have a command that waits already. */
  isRepeat(command: WaitingCommand): boolean;
  /** Writes anew the commands whose records are below an offset of the changelog, so that the base can pass these. */
  rewriteBelow(offset: number): Promise<void>;
  /** Writes the commands with attempts that the changelog does not know of. Resolves when Kafka has them. */
  rewriteAttempted(): Promise<void>;
}

export interface DeferredWriterOptions {
  readonly waiting: Pick<WaitingCommands, 'writtenBetween' | 'attempted'>;
  readonly clock: () => number;
  place(): ChangelogPlace;
  /** Nothing may be written any more. */
  isGone(): boolean;
  /** Returns true if an earlier owner may have attempted the command of this record of the changelog. */
  mayBeRepeat(changelogOffset: number): boolean;
  append(record: PublishRecord): Promise<void>;
}

export function createDeferredWriter(options: DeferredWriterOptions): DeferredWriter {
  const { waiting, clock, place, isGone, append } = options;

  function isRepeat({ mayBeRepeat, changelogOffset }: WaitingCommand): boolean {
    return mayBeRepeat || options.mayBeRepeat(changelogOffset);
  }

  function rewriteOne(command: WaitingCommand): Promise<void> {
    const content = { ...command, mayBeRepeat: isRepeat(command) };
    return append(deferredRecord(place(), content, command.deviceId));
  }

  /**
   * @param next returns a window of commands, behind a position
   * @param positionOf returns the position of a command
   */
  async function rewrite(
    next: (above: number) => readonly WaitingCommand[],
    positionOf: (command: WaitingCommand) => number,
  ): Promise<void> {
    let above = -1;
    while (!isGone()) {
      const window = next(above);
      const last = window.at(-1);
      if (last === undefined) return;
      above = positionOf(last);
      await window.map(rewriteOne).at(-1);
    }
  }

  return {
    recordOf({ record, attempts, waitingSinceMs, mayBeRepeat, command }) {
      const content = { record, attempts, sinceMs: waitingSinceMs ?? clock(), mayBeRepeat };
      return deferredRecord(place(), content, command.deviceId);
    },
    isRepeat,
    rewriteBelow: (offset) =>
      rewrite(
        (above) => waiting.writtenBetween(above, offset, windowSize),
        ({ changelogOffset }) => changelogOffset,
      ),
    rewriteAttempted: () =>
      rewrite(
        (above) => waiting.attempted(above, windowSize),
        ({ record }) => record.offset,
      ),
  };
}
