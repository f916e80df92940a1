import type { ConsumedRecord } from '@preservarium/backend';
import type { CommandMessage } from '@preservarium/core';
import { compareNumbers } from './compare-numbers.js';
import type { DeadEntry } from './dead-entry.js';
import { formatPlace } from './place.js';

interface Newest {
  /** Description for messages. */
  readonly name: string;
  /** Timestamp, then place; the greater list is newer. */
  readonly age: readonly number[];
}

/** Remembers the newest command per device and supersede key of the dead letters. */
export interface NewestCommands {
  noteLetter(entry: DeadEntry): void;
  /** Notes a command of the command topic; ignored unless a dead letter has the same device and key. */
  noteCommand(command: CommandMessage, from: Pick<ConsumedRecord, 'topic' | 'partition' | 'offset'>): void;
  /** Returns a description of a newer command with the same device and key, if one is known. */
  newerThan(entry: DeadEntry): string | undefined;
}

/** Creates a {@link NewestCommands} for at most `limit` keys; beyond it, the oldest key is forgotten. */
export function createNewestCommands(limit: number): NewestCommands {
  const newest = new Map<string, Newest>();
  return {
    noteLetter(entry) {
      const key = keyOfLetter(entry);
      if (key === undefined) return;
      const known = newest.get(key);
      const noted = { name: `the dead letter ${formatPlace(entry.place)}`, age: ageOf(entry) };
      newest.delete(key);
      newest.set(key, known !== undefined && isNewer(known.age, noted.age) ? known : noted);
      if (newest.size > limit) {
        for (const oldest of newest.keys()) {
          newest.delete(oldest);
          break;
        }
      }
    },
    noteCommand(command, { topic, partition, offset }) {
      const key = keyOf(command);
      const known = key === undefined ? undefined : newest.get(key);
      const age = [command.timestamp.getTime(), partition, offset];
      if (key === undefined || known === undefined || !isNewer(age, known.age)) return;
      newest.set(key, { name: `the command ${command.requestId} in ${topic}`, age });
    },
    newerThan(entry) {
      const key = keyOfLetter(entry);
      const known = key === undefined ? undefined : newest.get(key);
      return known !== undefined && isNewer(known.age, ageOf(entry)) ? known.name : undefined;
    },
  };
}

function keyOfLetter({ decoded }: DeadEntry): string | undefined {
  return decoded.ok ? keyOf(decoded.command) : undefined;
}

function keyOf({ deviceId, supersedeKey }: CommandMessage): string | undefined {
  return supersedeKey === undefined ? undefined : `${deviceId}\n${supersedeKey}`;
}

function ageOf({ decoded, letter: { source }, place }: DeadEntry): readonly number[] {
  const issuedAtMs = decoded.ok ? decoded.command.timestamp.getTime() : 0;
  return [issuedAtMs, source.partition, source.offset, place.partition, place.offset];
}

function isNewer(one: readonly number[], other: readonly number[]): boolean {
  return compareNumbers(one, other) > 0;
}
