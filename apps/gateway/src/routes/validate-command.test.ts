import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import { command, createWorld } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

const path = '/v1/commands:validate';

test('a command that can be pushed is answered with 204, and is not sent', async () => {
  const { ask, commands } = await createWorld();
  expect(await ask('POST', path, { payload: command })).toMatchObject({ status: 204, body: undefined });
  expect(commands()).toEqual([]);
});

test('what a push refuses is refused in the same way', async () => {
  const policy = createPolicy({ rules: [{ name: 'r', subjects: [{ key: 'other' }], actions: ['push'] }] });
  const { ask } = await createWorld({ limits: { maxBodyBytes: 3_000_000 } });
  const strict = await createWorld({ parts: { authorizer: createAuthorizer(policy) } });
  const past = new Date(0).toISOString();
  const large = { text: 'x'.repeat(1_100_000) };
  const refusals = [
    await ask('POST', path, { payload: { ...command, qos: 3 } }),
    await ask('POST', path, { payload: { ...command, expires_at: past } }),
    await ask('POST', path, { payload: { ...command, payload: large } }),
    await strict.ask('POST', path, { payload: command }),
  ];
  expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
    [400, 'VALIDATION_FAILED'],
    [400, 'VALIDATION_FAILED'],
    [413, 'MESSAGE_TOO_LARGE'],
    [403, 'FORBIDDEN'],
  ]);
});
