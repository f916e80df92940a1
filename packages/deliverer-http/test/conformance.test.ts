import { delivererConformance } from '@preservarium/conformance';
import { test } from 'vitest';
import { createHttpDeliverer } from '../src/index.js';
import { createHttpDeviceServers } from './http-device-servers.js';

const { directory, createDevice } = createHttpDeviceServers();

const troubled = {
  fails: () => Promise.reject(new Error('it is away')),
  hangs: () => new Promise<undefined>(() => {}),
};

delivererConformance({
  test,
  harness: {
    supports: {
      evidence: 'device',
      behaviours: ['accept', 'reject', 'fail once', 'silent', 'gone'],
      connection: false,
      withdrawal: true,
      repeatMark: true,
      sequence: true,
      directory: true,
      settings: 'answers',
    },
    createDeliverer: ({ timeoutMs, formatCommand, directory: trouble }) =>
      createHttpDeliverer({
        directory: trouble === undefined ? directory : troubled[trouble],
        evidence: 'device',
        timeoutMs,
        ...(formatCommand && { formatCommand }),
      }),
    createDevice,
  },
});
