import type { DeadLetterPlace } from '@preservarium/connector';
import { compareNumbers } from './compare-numbers.js';
import type { DeadEntry } from './dead-entry.js';

interface Newest {
  readonly place: DeadLetterPlace;
  /** When it was issued, and where it was first read: what is greater is newer. */
  readonly age: readonly number[];
}

/** Knows the newest command of each device and supersede key among the dead letters, up to `limit` of them. */
export interface NewestCommands {
  note(entry: DeadEntry): void;
  /** A newer one that takes the place of this one, if there is one. */
  newerThan(entry: DeadEntry): DeadLetterPlace | undefined;
}

export function createNewestCommands(limit: number): NewestCommands {
  const newest = new Map<string, Newest>();
  return {
    note(entry) {
      const key = keyOf(entry);
      if (key === undefined) return;
      const known = newest.get(key);
      newest.delete(key);
      const age = ageOf(entry);
      newest.set(key, known !== undefined && isNewer(known.age, age) ? known : { place: entry.place, age });
      if (newest.size > limit) {
        for (const oldest of newest.keys()) {
          newest.delete(oldest);
          break;
        }
      }
    },
    newerThan(entry) {
      const key = keyOf(entry);
      const known = key === undefined ? undefined : newest.get(key);
      return known !== undefined && isNewer(known.age, ageOf(entry)) ? known.place : undefined;
    },
  };
}

function keyOf({ decoded }: DeadEntry): string | undefined {
  if (!decoded.ok || decoded.command.supersedeKey === undefined) return undefined;
  return `${decoded.command.deviceId}\n${decoded.command.supersedeKey}`;
}

function ageOf({ decoded, letter: { source }, place }: DeadEntry): readonly number[] {
  const issuedAtMs = decoded.ok ? decoded.command.timestamp.getTime() : 0;
  return [issuedAtMs, source.partition, source.offset, place.partition, place.offset];
}

function isNewer(one: readonly number[], other: readonly number[]): boolean {
  return compareNumbers(one, other) > 0;
}
