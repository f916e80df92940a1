import { createMemoryBackend } from '@preservarium/backend-memory';
import type { CommandInput } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { readWithPython } from '../src/read-with-python.js';

const timestamp = new Date('2025-07-26T01:03:35.123Z');

test('the model of the Python connectors reads what is pushed, field by field', {
  timeout: 600_000,
}, async () => {
  const commands: readonly CommandInput[] = [
    {
      requestId: 'request-1',
      timestamp,
      deviceId: 'device123',
      commandType: 'set_led',
      payload: { state: 'on', color: 'blue' },
      protocol: 'MQTT' as 'mqtt',
      topic: 'devices/device123/commands',
      qos: 1,
      retain: false,
      priority: 5,
      expiresAt: new Date('2999-01-01T00:00:00Z'),
    },
    {
      requestId: 'request-2',
      timestamp,
      deviceId: '282c02424eed',
      commandType: 'config',
      payload: { frame: new Uint8Array([0x0a, 0xff]), nested: { list: [1, null, { unit: '°C' }] } },
      protocol: 'coap',
      path: '/c',
      confirmable: true,
      metadata: { translator_used: 'protobuf', manufacturer: 'efento' },
    },
    { requestId: 'request-3', timestamp, deviceId: 'датчик-🌡️', commandType: 'reboot', protocol: 'mqtt' },
  ];
  expect(await readWithPython(await valuesOf(commands))).toEqual([
    {
      request_id: 'request-1',
      timestamp: '2025-07-26T01:03:35.123000+00:00',
      device_id: 'device123',
      command_type: 'set_led',
      payload: { state: 'on', color: 'blue' },
      protocol: 'mqtt',
      metadata: { topic: 'devices/device123/commands', qos: 1, retain: false },
      priority: 5,
      expires_at: '2999-01-01T00:00:00+00:00',
    },
    {
      request_id: 'request-2',
      timestamp: '2025-07-26T01:03:35.123000+00:00',
      device_id: '282c02424eed',
      command_type: 'config',
      payload: { frame: '0aff', nested: { list: [1, null, { unit: '°C' }] } },
      protocol: 'coap',
      metadata: { translator_used: 'protobuf', manufacturer: 'efento', path: '/c', confirmable: true },
      priority: null,
      expires_at: null,
    },
    {
      request_id: 'request-3',
      timestamp: '2025-07-26T01:03:35.123000+00:00',
      device_id: 'датчик-🌡️',
      command_type: 'reboot',
      payload: {},
      protocol: 'mqtt',
      metadata: {},
      priority: null,
      expires_at: null,
    },
  ]);
});

/** The values in the topic, in the order of the commands. */
async function valuesOf(commands: readonly CommandInput[]): Promise<Buffer[]> {
  const backend = createMemoryBackend();
  await using service = createPusherService({ backend });
  for (const command of commands) await service.pushCommand(command);
  return backend.records('device_commands').flatMap(({ value }) => value ?? []);
}
