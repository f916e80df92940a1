import { type CommandSource, sourceId } from '@preservarium/dead-letters';
import type { DeferredCommand } from './changelog.js';
import type { ChangelogPins } from './changelog-pins.js';

/** Knows where in the changelog the deferred commands of one partition are; until the partition is owned, also what they are. */
export interface DeferredCommands {
  /** Takes a deferred command, or one that was written anew; returns whether it is known already. */
  add(deferred: DeferredCommand, offset: number): boolean;
  end(source: CommandSource): void;
  /** Where the command is in the changelog; Infinity where it is not read yet. */
  offsetOf(source: CommandSource): number;
  /** Gives up the commands read so far, in the order of the command topic: some were written anew, and come later in the changelog. */
  takeAll(): DeferredCommand[];
  size(): number;
}

export function createDeferredCommands(pins: Pick<ChangelogPins, 'add' | 'remove'>): DeferredCommands {
  const offsets = new Map<string, number>();
  let read: Map<string, DeferredCommand> | undefined = new Map();

  return {
    add(deferred, offset) {
      const id = sourceId(deferred.record);
      const known = offsets.get(id);
      pins.remove(known);
      pins.add(offset);
      offsets.set(id, offset);
      read?.set(id, deferred);
      return known !== undefined;
    },
    end(source) {
      const id = sourceId(source);
      pins.remove(offsets.get(id));
      offsets.delete(id);
      read?.delete(id);
    },
    offsetOf: (source) => offsets.get(sourceId(source)) ?? Number.POSITIVE_INFINITY,
    takeAll() {
      const all = [...(read?.values() ?? [])];
      read = undefined;
      return all.sort((one, other) => one.record.offset - other.record.offset);
    },
    size: () => offsets.size,
  };
}
