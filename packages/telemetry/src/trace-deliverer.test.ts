import { createMemoryBackend } from '@preservarium/backend-memory';
import { parseCommand } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { expect, test } from 'vitest';
import { traceConnector } from './index.js';

test('a traced deliverer names the channels of commands as the deliverer itself does', () => {
  const deliverer: Deliverer = {
    protocol: 'mqtt',
    channelOf: ({ deviceId }) => `channel of ${deviceId}`,
    start: async () => {},
    deliver: async () => ({ kind: 'delivered', evidence: 'device' }),
    isReady: () => true,
    close: async () => {},
  };
  const traced = traceConnector({ backend: createMemoryBackend(), deliverer }).deliverer;
  const command = parseCommand({ deviceId: 'd1', commandType: 'set', protocol: 'mqtt', payload: {} });
  expect(traced.channelOf?.(command)).toBe('channel of d1');
});
