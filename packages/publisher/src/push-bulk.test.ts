import { expect, test } from 'vitest';
import { collect } from '../test/collect.js';
import type { EncodedPush } from './encode.js';
import { pushBulk } from './push-bulk.js';

test('the event loop goes on between the commands of a chunk', async () => {
  let turns = 0;
  const seenTurns: number[] = [];
  /** As a decoder does: the event loop stands still. */
  function compute() {
    seenTurns.push(turns);
    const endsAtMs = performance.now() + 11;
    while (performance.now() < endsAtMs);
    setImmediate(() => {
      turns += 1;
    });
  }
  function validateAndEncode(): EncodedPush {
    compute();
    return { requestId: 'r', record: { topic: 't', key: 'd', value: Buffer.alloc(0) } };
  }
  const inputs = Array.from({ length: 5 }, () => ({
    deviceId: 'd',
    commandType: 'read',
    protocol: 'mqtt' as const,
  }));
  const outcomes = pushBulk(
    inputs,
    {
      validateAndEncode,
      publish: async (records) => records.map(({ topic }) => ({ ok: true, receipt: { topic } })),
      log: undefined,
    },
    { maxInFlight: 100 },
  );
  expect((await collect(outcomes)).items).toHaveLength(5);
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});
