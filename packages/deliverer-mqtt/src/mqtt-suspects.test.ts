import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSuspects } from './mqtt-suspects.js';

/** Sends the messages to a broker that ends the connection at each bad one, and acknowledges the others in any order. */
function deliver(messages: readonly { readonly isBad: boolean }[], pick: () => number) {
  const suspects = createSuspects<object>();
  const rejected = new Set<object>();
  const taken = new Set<object>();
  let waiting = [...messages];
  let inFlight: typeof waiting = [];
  let connections = 1;
  while (waiting.length + inFlight.length > 0) {
    while (waiting.length > 0 && inFlight.length < suspects.room()) inFlight.push(...waiting.splice(0, 1));
    // The broker reads what was sent; what it answers before it comes to a bad message is up to it.
    const [next] = inFlight.splice(pick() % inFlight.length, 1);
    if (next === undefined) break;
    if (!next.isBad) {
      taken.add(next);
      suspects.acquit(next);
      continue;
    }
    const culprit = suspects.accuse([next, ...inFlight], 'sure');
    if (culprit !== undefined) rejected.add(culprit);
    waiting = [...inFlight, next].filter((message) => message !== culprit).concat(waiting);
    inFlight = [];
    connections += 1;
  }
  return { rejected, taken, connections };
}

test('each bad message is rejected, and no other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ isBad: fc.boolean() }), { maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      (messages, picks) => {
        const { rejected, taken } = deliver(messages, () => picks.next().value ?? 0);
        expect(rejected).toEqual(new Set(messages.filter(({ isBad }) => isBad)));
        expect(taken).toEqual(new Set(messages.filter(({ isBad }) => !isBad)));
      },
    ),
  );
});

test('one bad message among 200 takes few connections where the broker answers in order', () => {
  const messages = Array.from({ length: 200 }, (_, index) => ({ isBad: index === 120 }));
  const { rejected, connections } = deliver(messages, () => 0);
  expect([...rejected]).toEqual([messages[120]]);
  expect(connections).toBe(3);
});

test('without a reason, a message must be alone three times', () => {
  const suspects = createSuspects<object>();
  const message = {};
  expect([1, 2, 3].map(() => suspects.accuse([message], 'possible'))).toEqual([
    undefined,
    undefined,
    message,
  ]);
});
