import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeDeliverer } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

test('a device is turned away by the connectors that do not have its partition, which count it', async () => {
  const deliverers = [createFakeDeliverer(), createFakeDeliverer()];
  const [first] = deliverers;
  const alone = first && (await world.start(first));
  await expect.poll(() => alone?.status().partitions).toHaveLength(2);
  expect(first?.port.turnsAway?.('d1')).toBe(false);
  const other = deliverers[1] && (await world.start(deliverers[1]));
  await expect.poll(() => other?.status().partitions).toHaveLength(1);
  await expect.poll(() => alone?.status().partitions).toHaveLength(1);
  const answers = () => deliverers.map(({ port }) => port.turnsAway?.('d1')).toSorted();
  await expect.poll(answers).toEqual([false, true]);
  const counts = [alone, other].map((connector) => connector?.status().turnedAway ?? 0);
  expect(counts.filter((count) => count > 0)).toHaveLength(1);
});
