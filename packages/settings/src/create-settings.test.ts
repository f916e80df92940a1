import { expect, test } from 'vitest';
import { createWorld } from '../test/world.js';

test('a push is a merge patch on what is desired, and gives the version', async () => {
  const { open } = createWorld();
  const settings = await open();
  const first = await settings.pushSettings('d1', { led: { color: 'red', on: true }, rate: 5 });
  const second = await settings.pushSettings('d1', { led: { color: 'blue' }, rate: null });
  expect(second).toMatchObject({ desired: { led: { color: 'blue', on: true } } });
  expect(second.version).toBeGreaterThan(first.version);
  expect(settings.getSettings('d1')).toMatchObject({
    desired: { led: { color: 'blue', on: true } },
    desiredVersion: second.version,
    protocol: 'mqtt',
    difference: { led: { color: 'blue', on: true } },
  });
});
