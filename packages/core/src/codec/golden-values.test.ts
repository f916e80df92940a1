import { describe, expect, test } from 'vitest';
import { goldenNames, goldenValue } from '../../test/golden-value.js';
import { readStrictly } from '../../test/strict-wire-reader.js';
import { type CommandMessage, decodeCommand, encodeCommand } from '../index.js';

const issuedAt = new Date('2025-07-26T01:03:35.123Z');

const expected: Record<(typeof goldenNames)[number], CommandMessage> = {
  '01-mqtt-plain': {
    requestId: '00000000-0000-4000-8000-000000000001',
    timestamp: issuedAt,
    deviceId: 'device123',
    commandType: 'set_led',
    payload: { state: 'on', color: 'blue' },
    protocol: 'mqtt',
    topic: 'devices/device123/commands',
    qos: 1,
    retain: false,
    metadata: { topic: 'devices/device123/commands', qos: 1, retain: false },
  },
  '03-coap-efento-config': {
    requestId: '00000000-0000-4000-8000-000000000003',
    timestamp: new Date('2025-07-26T01:03:35.000Z'),
    deviceId: '282c02424eed',
    commandType: 'config',
    payload: {
      measurement_period: 600,
      dns_server_ip: '8.8.8.8',
      encryption_key: 'disabled',
      led_config: [1, 2, 3],
    },
    protocol: 'coap',
    path: '/c',
    confirmable: true,
    metadata: {
      translator_used: 'protobuf_efento_3e9d9104_path_mapping',
      manufacturer: 'efento',
      confirmable: true,
      path: '/c',
    },
  },
  '05-unicode': {
    requestId: '00000000-0000-4000-8000-000000000005',
    timestamp: issuedAt,
    deviceId: 'capteur-été-7',
    commandType: 'display',
    payload: {
      text: 'Température élevée — 日本 😀',
      escapes: 'a/b "q" \\ \t\n\u0007\u007f\u2028',
      clé: 'valeur',
    },
    protocol: 'mqtt',
    topic: 'devices/capteur-été-7/cmd',
    metadata: { topic: 'devices/capteur-été-7/cmd' },
  },
  '08-null-metadata-naive-expiry': {
    requestId: '00000000-0000-4000-8000-000000000008',
    timestamp: issuedAt,
    deviceId: 'device456',
    commandType: 'reboot',
    payload: {},
    protocol: 'coap',
    metadata: {},
    priority: 0,
    expiresAt: new Date('2025-07-26T04:00:00.000Z'),
  },
  '09-feedback': {
    requestId: '2207001-00000000-0000-4000-8000-000000000002',
    timestamp: issuedAt,
    deviceId: '2207001',
    commandType: 'feedback',
    payload: { status: 'success', request_id: '2207001-00000000-0000-4000-8000-000000000002' },
    protocol: 'mqtt',
    metadata: {
      source: 'normalizer',
      request_id: '00000000-0000-4000-8000-000000000099',
      timestamp: '2025-07-26T03:03:36.000123',
    },
  },
  '10-seed-plan-dict': {
    requestId: '00000000-0000-4000-8000-000000000010',
    timestamp: issuedAt,
    deviceId: 'device123',
    commandType: 'set_temperature',
    payload: { temperature: 21.5 },
    protocol: 'mqtt',
    topic: 'devices/device123/settings',
    metadata: { topic: 'devices/device123/settings' },
  },
};

describe.each(goldenNames)('the Python value %s', (name) => {
  const decoded = decodeCommand(goldenValue(name), { timestamp: issuedAt });

  test('decodes to exactly the command it stands for', () => {
    expect(decoded).toStrictEqual({ ok: true, command: expected[name], unknownFields: {} });
  });

  test('is accepted by a strict reader when it is encoded again, with the same fields', () => {
    const command = expected[name];
    expect(readStrictly(encodeCommand(command))).toEqual({
      request_id: command.requestId,
      timestamp: command.timestamp.toISOString(),
      device_id: command.deviceId,
      command_type: command.commandType,
      payload: command.payload,
      protocol: command.protocol,
      metadata: command.metadata,
      priority: command.priority ?? null,
      expires_at: command.expiresAt?.toISOString() ?? null,
      ...(command.topic !== undefined && { topic: command.topic }),
      ...(command.qos !== undefined && { qos: command.qos }),
      ...(command.retain !== undefined && { retain: command.retain }),
      ...(command.path !== undefined && { path: command.path }),
      ...(command.confirmable !== undefined && { confirmable: command.confirmable }),
    });
  });
});
