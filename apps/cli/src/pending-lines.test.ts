import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPendingLines } from './pending-lines.js';

const line = (number: number, sizeBytes: number) => ({ line: number, text: '{}', sizeBytes });

test('lines come back in their order', async () => {
  const pending = createPendingLines({ maxBytes: 100 });
  await pending.add(line(1, 10));
  await pending.add(line(2, 10));
  expect([pending.takeFirst().line, pending.takeFirst().line]).toEqual([1, 2]);
});

test('a line that does not fit waits until it does', async () => {
  const pending = createPendingLines({ maxBytes: 100 });
  await pending.add(line(1, 40));
  await pending.add(line(2, 60));
  let added = false;
  const third = pending.add(line(3, 70)).then(() => {
    added = true;
  });
  pending.takeFirst();
  await nextTurn();
  expect(added).toBe(false);
  pending.takeFirst();
  await third;
  expect(pending.takeFirst().line).toBe(3);
});

test('a line larger than the limit is kept alone', async () => {
  const pending = createPendingLines({ maxBytes: 100 });
  await pending.add(line(1, 1000));
  expect(pending.takeFirst().line).toBe(1);
});
