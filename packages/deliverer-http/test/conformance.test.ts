import { delivererConformance } from '@preservarium/testkit';
import { test } from 'vitest';
import { createHttpDeliverer } from '../src/index.js';
import { createHttpDeviceServers } from './http-device-servers.js';

const { directory, createDevice } = createHttpDeviceServers();

delivererConformance({
  test,
  harness: {
    supports: {
      evidence: 'device',
      behaviours: ['accept', 'reject', 'fail once', 'silent', 'gone'],
      connection: false,
      withdrawal: true,
      repeatMark: true,
      settings: 'answers',
    },
    createDeliverer: ({ timeoutMs, formatCommand }) =>
      createHttpDeliverer({
        directory,
        evidence: 'device',
        timeoutMs,
        ...(formatCommand && { formatCommand }),
      }),
    createDevice,
  },
});
