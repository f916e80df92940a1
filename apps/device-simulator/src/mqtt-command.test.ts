import type { IPublishPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { readMqttCommand, responseTopicOf } from './mqtt-command.js';

function packetOf(
  topic: string,
  payload: string | Buffer,
  properties?: IPublishPacket['properties'],
): IPublishPacket {
  const packet = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false } as const;
  return properties === undefined ? packet : { ...packet, properties };
}

test('MQTT 5 says the request, the type and where to answer in properties', () => {
  const packet = packetOf('devices/lamp/commands', '{"on":true}', {
    correlationData: Buffer.from('r1'),
    responseTopic: 'answers/lamp',
    userProperties: {
      command_type: 'set_led',
      expires_at: '2026-01-31T12:00:00.000Z',
      may_be_repeat: 'true',
    },
  });
  const command = readMqttCommand('lamp', packet);
  expect(command).toEqual({
    protocol: 'mqtt',
    deviceId: 'lamp',
    target: 'devices/lamp/commands',
    requestId: 'r1',
    commandType: 'set_led',
    payload: { on: true },
    expiresAt: new Date('2026-01-31T12:00:00.000Z'),
    mayBeRepeat: true,
  });
  expect(responseTopicOf(packet, command)).toBe('answers/lamp');
});

test.each([
  ['the last level of the topic', packetOf('devices/lamp/commands/r2', '{}')],
  ['the payload', packetOf('devices/lamp/settings', '{"request_id":"r2"}')],
])('with MQTT 3.1.1 %s says the request', (_, packet) => {
  const command = readMqttCommand('lamp', packet);
  expect(command.requestId).toBe('r2');
  expect(responseTopicOf(packet, command)).toBe('devices/lamp/commands/r2/response');
});

test('a message that names no request is a command without an answer', () => {
  const packet = packetOf('devices/lamp/commands', Buffer.of(0xff, 0x00));
  const command = readMqttCommand('lamp', packet);
  expect(command).toEqual({
    protocol: 'mqtt',
    deviceId: 'lamp',
    target: 'devices/lamp/commands',
    payload: 'ff00',
    mayBeRepeat: false,
  });
  expect(responseTopicOf(packet, command)).toBeUndefined();
});
