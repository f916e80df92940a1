import { expect, test } from 'vitest';
import { decideStart } from './decide-start.js';

const partition = { partition: 3, startOffset: 10, endOffset: 50 };
const lastHour = { lastMs: 3_600_000 };
const result = (nextOffset: number, reason: string, counts = {}) => ({
  partition: 3,
  nextOffset,
  reason,
  skippedRecords: 0,
  lostRecords: 0,
  ...counts,
});

test.each([
  ['beginning', undefined, result(10, 'first')],
  ['end', undefined, result(50, 'first', { skippedRecords: 40 })],
  [lastHour, 30, result(30, 'first', { skippedRecords: 20 })],
  [lastHour, undefined, result(50, 'first', { skippedRecords: 40 })],
  [lastHour, 5, result(10, 'first')],
] as const)(
  'a group that is new on the topic starts from %o (first young record: %o)',
  (from, offsetForTime, expected) => {
    expect(
      decideStart({ ...partition, committedOffset: undefined, offsetForTime }, { isNewOnTopic: true, from }),
    ).toEqual(expected);
  },
);

test.each(['beginning', 'end', lastHour] as const)(
  'a partition that was added later starts at its beginning, also with from %o',
  (from) => {
    expect(
      decideStart(
        { ...partition, committedOffset: undefined, offsetForTime: 40 },
        { isNewOnTopic: false, from },
      ),
    ).toEqual(result(10, 'added'));
  },
);

test.each([
  ['the oldest record', 10, result(10, 'committed')],
  ['a record', 20, result(20, 'committed')],
  ['the end', 50, result(50, 'committed')],
  ['a record that was removed', 7, result(10, 'removed', { lostRecords: 3 })],
  ['an offset beyond the end', 51, result(10, 'beyond-end')],
])('with %s committed', (_, committedOffset, expected) => {
  expect(decideStart({ ...partition, committedOffset }, { isNewOnTopic: false, from: 'end' })).toEqual(
    expected,
  );
});

test('a committed offset of 0 is one', () => {
  const empty = { partition: 0, startOffset: 0, endOffset: 4, committedOffset: 0 };
  expect(decideStart(empty, { isNewOnTopic: false, from: 'end' })).toMatchObject({
    nextOffset: 0,
    reason: 'committed',
  });
});
