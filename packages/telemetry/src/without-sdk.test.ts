import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { runConnector } from '@preservarium/connector';
import type { Deliverer } from '@preservarium/deliverer';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { meterConnector, traceBackend, traceConnector, traceDeliverer } from './index.js';

test('where no SDK is registered, nothing is decorated, and commands are delivered as always', async () => {
  const broker = createMemoryBroker();
  const delivered: unknown[] = [];
  const deliverer: Deliverer = {
    protocol: 'mqtt',
    start: async () => {},
    async deliver(_, { headers }) {
      delivered.push(headers);
      return { kind: 'delivered', evidence: 'gateway' };
    },
    isReady: () => true,
    close: async () => {},
  };
  await using service = createPusherService({ backend: traceBackend(createMemoryBackend({ broker })) });
  await service.pushCommand({ deviceId: 'lamp-7', commandType: 'set_led', protocol: 'mqtt' });
  const settings = { backend: createMemoryBackend({ broker }), deliverer, from: 'beginning' } as const;
  expect(traceBackend(settings.backend)).toBe(settings.backend);
  expect(traceDeliverer(deliverer)).toBe(deliverer);
  expect(traceConnector(settings)).toBe(settings);
  await using connector = await runConnector(settings);
  const stopMetering = meterConnector(() => connector, settings);
  await expect.poll(() => delivered).toEqual([[]]);
  stopMetering();
});
