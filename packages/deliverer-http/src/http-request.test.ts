import { parseCommand } from '@preservarium/core';
import { expect, test } from 'vitest';
import { toRequest } from './http-request.js';

test('GET with a payload, which another producer may have pushed, is refused', async () => {
  const command = parseCommand({
    deviceId: 'lamp-7',
    commandType: 'set_led',
    protocol: 'http',
    payload: { id: 1 },
  });
  const context = { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal };
  const settings = { formatCommand: () => undefined, secretsOf: undefined };
  const url = new URL('http://192.0.2.7/');
  const get = toRequest({ ...command, method: 'GET' }, url, context, settings);
  await expect(get).rejects.toThrow('GET carries no payload');
  expect((await toRequest({ ...command, method: 'DELETE' }, url, context, settings)).body.toString()).toBe(
    '{"id":1}',
  );
});
