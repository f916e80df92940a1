import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { startSlice } from '@preservarium/concurrency';
import { type DeadLetterPlace, readRedriven } from '../redrive.js';
import { type DeadEntry, readEntry } from './dead-entry.js';
import { memoryOfRecord } from './memory-of-entry.js';
import { noteNewerCommands, type Origins } from './newer-commands.js';
import { createNewestCommands } from './newest-commands.js';
import { formatPlace } from './place.js';
import { createPlaceSet } from './place-set.js';
import { readToEnd } from './read-to-end.js';
import { topicEnds } from './topic-ends.js';

const maxKeptBytes = 64 * 1024 * 1024;
/** Places of dead letters that were sent again; one has about 40 bytes. */
const maxSentAgain = 1_000_000;
const maxSupersedeKeys = 100_000;

export interface ReadDeadLettersOptions {
  readonly topic: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The dead letters of a topic at the time of reading, and what `judge` needs to know of all of them. */
export interface DeadLetters {
  /** Returns also true where so many were sent again that it is not known. */
  isSentAgain(place: DeadLetterPlace): boolean;
  /** Returns a description of a newer command with the same device and supersede key, if one is known. */
  newerThan(entry: DeadEntry): string | undefined;
  /** Reads newer commands from the original topics of these dead letters. */
  lookForNewer(origins: Origins): Promise<void>;
  /** Describes records of the topic that are neither dead letters nor marks of a redrive; undefined if there are none. */
  readonly foreign: string | undefined;
  /** Calls `use` for each dead letter, in the order of offsets within a partition. */
  forEach(use: (entry: DeadEntry) => Promise<void> | void): Promise<void>;
}

/**
 * Reads the whole topic. Keeps up to 64 MiB of dead letters for `forEach`; beyond that, `forEach` reads the topic a second
 * time, up to the same end.
 */
export async function readDeadLetters(
  backend: Backend,
  { topic, timeoutMs, signal }: ReadDeadLettersOptions,
): Promise<DeadLetters> {
  const ends = await topicEnds(backend, { topic, timeoutMs, signal });
  const read = (onRecord: (record: ConsumedRecord) => Promise<void> | void) =>
    readToEnd(backend, { topic, ends, timeoutMs, signal, onRecord });

  const sentAgain = createPlaceSet(ends.keys(), maxSentAgain);
  const newest = createNewestCommands(maxSupersedeKeys);
  let kept: ConsumedRecord[] | undefined = [];
  let keptBytes = 0;
  let foreignCount = 0;
  let foreign: string | undefined;

  await read((record) => {
    const place = readRedriven(record);
    if (place !== undefined) {
      sentAgain.add(place);
      return;
    }
    const found = readEntry(record);
    if (!found.ok) {
      foreignCount++;
      foreign ??= `${formatPlace(record)}: ${found.message}`;
      return;
    }
    newest.noteLetter(found.entry);
    keptBytes += memoryOfRecord(record);
    if (keptBytes > maxKeptBytes) kept = undefined;
    kept?.push(record);
  });

  return {
    isSentAgain: sentAgain.has,
    newerThan: newest.newerThan,
    lookForNewer: (origins) => noteNewerCommands(backend, newest, origins, { timeoutMs, signal }),
    foreign:
      foreign && `records of ${topic} that are no dead letters: ${foreignCount}, for example ${foreign}`,
    async forEach(use) {
      const useRecord = async (record: ConsumedRecord) => {
        const found = readEntry(record);
        if (found.ok) await use(found.entry);
      };
      if (kept === undefined) return read(useRecord);
      const slice = startSlice();
      for (const record of kept) {
        if (slice.isOver()) await slice.next();
        await useRecord(record);
      }
    },
  };
}
