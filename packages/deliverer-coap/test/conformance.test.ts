import { delivererConformance } from '@preservarium/conformance';
import { freeUdpPort } from '@preservarium/dev-services';
import { describe, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createPollingDevice } from './coap-polling-device.js';
import { createServingDevice } from './coap-serving-device.js';

const port = await freeUdpPort();
const troubled = {
  fails: () => Promise.reject(new Error('it is away')),
  hangs: () => new Promise<undefined>(() => {}),
};
const common = { evidence: 'device', connection: false, withdrawal: true } as const;

describe('devices with a server', () => {
  const addresses = new Map<string, string>();
  const behaviours = ['accept', 'reject', 'fail once', 'silent', 'gone'] as const;
  delivererConformance({
    test,
    harness: {
      supports: {
        ...common,
        behaviours,
        repeatMark: false,
        sequence: false,
        directory: true,
        settings: 'answers',
      },
      createDeliverer: ({ directory, ...settings }) =>
        createCoapDeliverer({
          directory: directory === undefined ? (id) => addresses.get(id) : troubled[directory],
          ...settings,
        }),
      createDevice: () => createServingDevice(addresses),
    },
  });
});

describe('devices that poll', () => {
  delivererConformance({
    test,
    harness: {
      supports: {
        ...common,
        behaviours: ['accept', 'reject', 'silent', 'gone'],
        repeatMark: true,
        sequence: true,
        settings: 'reports',
      },
      createDeliverer: ({ directory: _, ...settings }) =>
        createCoapDeliverer({ listen: { host: '127.0.0.1', port }, ...settings }),
      createDevice: () => createPollingDevice(port),
    },
  });
});
