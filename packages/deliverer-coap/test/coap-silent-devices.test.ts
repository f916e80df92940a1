import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseCommand } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort } from './coap-fake-port.js';

const devices = Array.from({ length: 200 }, (_, index) => `device-${index}`);

function compute(ms: number): void {
  const endsAtMs = performance.now() + ms;
  while (performance.now() < endsAtMs) {
    // As a connector does that notes the end of an attempt.
  }
}

test('the event loop goes on while the attempts for many devices end that say nothing', async () => {
  await using resources = new AsyncDisposableStack();
  const silent = createSocket('udp4');
  resources.defer(() => void silent.close());
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const deliverer = createCoapDeliverer({
    directory: () => `coap://127.0.0.1:${silent.address().port}`,
    timeoutMs: 100,
  });
  resources.defer(() => deliverer.close({ timeoutMs: 0 }));
  await deliverer.start(createFakePort(), { timeoutMs: 10_000 });
  let turn = 0;
  let isCounting = true;
  (function count() {
    turn += 1;
    if (isCounting) setImmediate(count);
  })();
  const turns = await Promise.all(
    devices.map(async (deviceId) => {
      const command = parseCommand({ deviceId, commandType: 'set', protocol: 'coap' });
      const context = { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal };
      const result = await deliverer.deliver(command, context);
      expect(result).toEqual({ kind: 'retryable', reason: 'no answer within 100 ms', unreachable: true });
      compute(1);
      return turn;
    }),
  );
  isCounting = false;
  expect(new Set(turns).size).toBeGreaterThanOrEqual(5);
});
