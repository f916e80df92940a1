import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import { createWorld } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

const path = '/v1/devices/lamp%207/settings';

test('settings are replaced, patched and read', async () => {
  const { ask, settings } = await createWorld();
  expect(await ask('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const put = await ask('PUT', path, { payload: { led: { color: 'blue', level: 3 }, rate: 5 } });
  expect(put).toMatchObject({
    status: 200,
    body: {
      device_id: 'lamp 7',
      protocol: 'mqtt',
      desired: { settings: { led: { color: 'blue', level: 3 }, rate: 5 } },
      reported: null,
    },
  });
  const patched = await ask('PATCH', `${path}?protocol=coap`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    payload: JSON.stringify({ led: { level: null }, rate: 6 }),
  });
  expect(patched.body).toMatchObject({
    protocol: 'coap',
    desired: { settings: { led: { color: 'blue' }, rate: 6 } },
  });
  await settings.reportSettings('lamp 7', { rate: 6 });
  const read = await ask('GET', path);
  expect(read.body).toMatchObject({
    reported: { settings: { rate: 6 } },
    difference: { led: { color: 'blue' } },
  });
  expect(read.headers.etag).toBe(`"${read.body.desired.version}"`);
  const replaced = await ask('PUT', path, { payload: { rate: 7 } });
  expect(replaced.body.desired.settings).toEqual({ rate: 7 });
});

test('settings keep the digits of their numbers', async () => {
  const { app } = await createWorld();
  const change = async (method: 'PUT' | 'PATCH', payload: string) =>
    (await app.inject({ method, url: path, headers: { 'content-type': 'application/json' }, payload })).body;
  const put = await change('PUT', '{"serial":1724442618569203714,"led":{"level":21.0}}');
  expect(put).toContain('"settings":{"serial":1724442618569203714,"led":{"level":21.0}}');
  const patched = await change('PATCH', '{"rate":0.10}');
  const text = '{"serial":1724442618569203714,"led":{"level":21.0},"rate":0.10}';
  expect(patched).toContain(`"settings":${text}`);
  expect(patched).toContain(`"difference":${text}`);
  expect((await app.inject({ url: path })).body).toContain(`"settings":${text}`);
});

test('a change for another version is refused with 412', async () => {
  const { ask } = await createWorld();
  const change = (tag: string, payload: object) =>
    ask('PATCH', path, { headers: { 'if-match': tag }, payload });
  expect(await change('*', { rate: 1 })).toMatchObject({ status: 412, body: { code: 'SETTINGS_CONFLICT' } });
  const first = await change('"-1"', { rate: 1 });
  expect(first.status).toBe(200);
  const tag = String(first.headers.etag);
  const second = await change(tag, { rate: 2 });
  expect(second).toMatchObject({ status: 200, body: { desired: { settings: { rate: 2 } } } });
  expect(await change(tag, { rate: 3 })).toMatchObject({
    status: 412,
    body: { code: 'SETTINGS_CONFLICT', retryable: false },
  });
  expect((await ask('GET', path)).body.desired.settings).toEqual({ rate: 2 });
  expect(await change('*', { rate: 4 })).toMatchObject({ status: 200 });
  expect(await change('42', {})).toMatchObject({ status: 400, body: { issues: [{ path: 'If-Match' }] } });
});

test.each(['[]', '"text"', 'null', '{'])('a body %s is refused', async (payload) => {
  const { ask } = await createWorld();
  for (const method of ['PUT', 'PATCH'] as const) {
    const answer = await ask(method, path, { headers: { 'content-type': 'application/json' }, payload });
    expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  }
});

test('the policy says which settings a caller sees and changes', async () => {
  const rule = { name: 'rates', subjects: [{ key: '*' }], actions: ['read', 'push'], settings: ['rate'] };
  const authorizer = createAuthorizer(createPolicy({ rules: [rule] }));
  const { ask, settings } = await createWorld({ parts: { authorizer } });
  await settings.pushSettings('lamp 7', { rate: 1, secret: 2 });
  const { body } = await ask('GET', path);
  expect([body.desired.settings, body.difference]).toEqual([{ rate: 1 }, { rate: 1 }]);
  expect(await ask('PATCH', path, { payload: { rate: 2 } })).toMatchObject({
    status: 200,
    body: { desired: { settings: { rate: 2 } } },
  });
  expect(await ask('PATCH', path, { payload: { secret: 3 } })).toMatchObject({ status: 403 });
  // It would remove the other setting.
  expect(await ask('PUT', path, { payload: { rate: 3 } })).toMatchObject({ status: 403 });
});
