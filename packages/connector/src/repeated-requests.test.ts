import { afterEach, beforeEach, expect, test } from 'vitest';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

let world: World;
let files: ReturnType<typeof createStateDirs>;
beforeEach(() => {
  world = createWorld();
  files = createStateDirs();
});
afterEach(async () => {
  await world.close();
  files[Symbol.dispose]();
});

test.each([
  ['in memory', false],
  ['in a file', true],
])(
  'a request that was pushed three times while its device was away is executed once, with a store %s',
  async (_, isInFile) => {
    const stateDir = isInFile ? { stateDir: files.take() } : {};
    const taken: unknown[] = [];
    let isThere = false;
    const deliverer = () =>
      createFakeDeliverer(({ payload }) => {
        if (!isThere) return { ...unreachable, afterMs: 60_000 };
        taken.push(payload.note);
        return accepted;
      });
    const before = await world.start(deliverer(), stateDir);
    for (const note of ['first', 'again', 'and again'])
      await world.push({ deviceId: 'd1', requestId: 'r1', note });
    await world.push({ deviceId: 'd1', note: 'last' });
    await expect.poll(() => world.uncommitted()).toBe(0);
    await before.close();

    isThere = true;
    const after = deliverer();
    await world.start(after, stateDir);
    after.port.reachable('d1');
    await expect.poll(() => taken.at(-1)).toBe('last');
    expect(taken).toEqual(['first', 'last']);
  },
);
