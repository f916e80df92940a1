import { expect, test } from 'vitest';
import { createTakeoverDetector } from './mqtt-takeover.js';

function detector() {
  let nowMs = 0;
  const takeover = createTakeoverDetector(() => nowMs);
  return {
    takeover,
    connection(lastsMs: number, during: () => void = () => {}) {
      takeover.connected();
      during();
      nowMs += lastsMs;
      return takeover.closed();
    },
  };
}

test('the broker says so: at once, and however long the connection lasted', () => {
  const { takeover, connection } = detector();
  expect(connection(1_000_000, () => takeover.disconnecting(0x8e))).toBe('sure');
  expect(connection(10)).toBeUndefined();
});

test('the third of short connections without an error looks so', () => {
  const { connection } = detector();
  expect([10, 10, 10, 10].map((ms) => connection(ms))).toEqual([undefined, undefined, 'likely', 'likely']);
  expect(connection(5_000)).toBeUndefined();
  expect([10, 10, 10].map((ms) => connection(ms))).toEqual([undefined, undefined, 'likely']);
});

test('connections that fail, or that the broker ends for another reason, do not', () => {
  const { takeover, connection } = detector();
  for (let count = 0; count < 5; count++) {
    expect(connection(10, takeover.failed)).toBeUndefined();
    expect(connection(10, () => takeover.disconnecting(0x8b))).toBeUndefined();
    expect(takeover.closed(), 'a connection that never was').toBeUndefined();
  }
});
