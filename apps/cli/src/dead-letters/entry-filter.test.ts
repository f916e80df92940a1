import type { DeadEntry } from '@preservarium/dead-letters';
import { expect, test } from 'vitest';
import { readEntry } from '../../../../packages/dead-letters/src/reading/dead-entry.js';
import {
  consumedLetter,
  type GivenLetter,
} from '../../../../packages/dead-letters/test/dead-letter-records.js';
import { createEntryFilter, type FilterOptions, isFilter } from './entry-filter.js';

function entry(place: DeadEntry['place'], given: GivenLetter): DeadEntry {
  const read = readEntry(consumedLetter(place, given));
  if (!read.ok) throw new Error(read.message);
  return read.entry;
}

const command = entry({ partition: 0, offset: 1 }, { diedAtMs: 5000 });
const poison = entry(
  { partition: 1, offset: 0 },
  { diedAtMs: 4000, reason: 'poison', value: Buffer.from('?') },
);

test.each<[FilterOptions, DeadEntry[]]>([
  [{}, [command, poison]],
  [{ reason: 'poison' }, [poison]],
  [{ device: 'd' }, [command, poison]],
  [{ device: 'e' }, []],
  [{ type: 'set_led' }, [command]],
  [{ since: 1000 }, [command]],
  [{ since: 2000 }, [command, poison]],
  [{ since: 2000, type: 'set_led', reason: 'rejected' }, []],
])('%j', (options, expected) => {
  expect([command, poison].filter(createEntryFilter(options, [], 6000))).toEqual(expected);
});

test('places and options narrow one another', () => {
  const places = [command.place, { partition: 7, offset: 7 }];
  expect([command, poison].filter(createEntryFilter({}, places, 6000))).toEqual([command]);
  expect([command, poison].filter(createEntryFilter({ reason: 'poison' }, places, 6000))).toEqual([]);
});

test('whether anything is chosen', () => {
  expect([isFilter({}), isFilter({ since: 1 }), isFilter({ device: '' })]).toEqual([false, true, true]);
});
