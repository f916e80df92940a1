import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCrashableBackend } from '../../test/crashable-backend.js';
import { createFakeDeliverer, unreachable } from '../../test/fake-deliverer.js';
import { createWorld, type World } from '../../test/world.js';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

const claimEpochs = (requestId: string) => world.events(requestId).map(({ claimEpoch = 0 }) => claimEpoch);

test('the end that a frozen connector writes late carries an older claim than what the owner after it says', async () => {
  const { backend, freeze, thaw } = createCrashableBackend(world.broker);
  const attempt = Promise.withResolvers<DeliveryResult>();
  const first = createFakeDeliverer(() => attempt.promise);
  await world.start(first, { backend });
  const requestId = await world.push({ deviceId: 'd1' });
  await world.untilStates(requestId, ['dispatched']);
  await freeze();

  const second = createFakeDeliverer(() => unreachable);
  const connector = await world.start(second, { retry: { maxAttempts: 1, baseDelayMs: 60_000 } });
  await expect.poll(() => world.states(requestId)).toEqual(['dispatched', 'dispatched', 'waiting']);
  attempt.resolve({ kind: 'rejected', reason: 'late' });
  await new Promise((resolve) => setImmediate(resolve));
  thaw();
  await expect.poll(() => world.states(requestId).at(-1)).toBe('rejected');
  const [sent, sentAgain, waits, late] = claimEpochs(requestId);
  expect(late).toBe(sent);
  expect(sentAgain).toBeGreaterThan(sent as number);
  expect(waits).toBe(sentAgain);
  expect(connector.status().waiting).toBe(1);
});

test('a waiting topic that was created anew gives its owners higher claims than the one before', async () => {
  const start = () =>
    world.start(
      createFakeDeliverer(() => unreachable),
      { retry: { maxAttempts: 1, baseDelayMs: 60_000 } },
    );
  const epochOf = async () => {
    const requestId = await world.push({ deviceId: 'd1' });
    await expect.poll(() => world.states(requestId).at(-1)).toBe('waiting');
    return world.events(requestId).at(-1)?.claimEpoch ?? 0;
  };
  const epochs: number[] = [];
  for (let owners = 0; owners < 3; owners++) {
    const connector = await start();
    epochs.push(await epochOf());
    await connector.close();
  }
  world.broker.recreateTopic('device_commands_waiting');
  await start();
  epochs.push(await epochOf());
  expect(epochs).toEqual([...new Set(epochs)].toSorted((one, other) => one - other));
  expect(epochs[0]).toBeGreaterThan(0);
});
