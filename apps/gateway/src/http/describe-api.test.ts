import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';

test('docs/openapi.json is the description that the gateway gives', async () => {
  const { ask } = await createWorld();
  const { body } = await ask('GET', '/openapi.json');
  const path = new URL('../../../../docs/openapi.json', import.meta.url).pathname;
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot(path);
});
