import { encodeCommand, parseCommand } from '@preservarium/core';
import { expect, test } from 'vitest';
import { describeRecord } from './describe-record.js';

const record = (value: Buffer | null, key: Buffer | null = Buffer.from('d')) => ({
  topic: 'device_commands',
  partition: 3,
  offset: 42,
  timestampMs: 1000,
  key,
  value,
  headers: [
    ['trace', Buffer.from('a')],
    ['trace', Buffer.from([0xff])],
    ['', null],
  ] as const,
});
const place = {
  topic: 'device_commands',
  partition: 3,
  offset: 42,
  timestamp: new Date(1000),
  key: 'd',
  headers: [
    ['trace', 'a'],
    ['trace', { base64: '/w==' }],
    ['', null],
  ],
};

test('a command as it was pushed', () => {
  const command = parseCommand({ deviceId: 'd', commandType: 'reboot', protocol: 'http', path: '/reboot' });
  expect(describeRecord(record(encodeCommand(command)))).toEqual({ ...place, command });
});

test('what a command of another program lacks comes from the record, and what it has besides is shown', () => {
  const value = { device_id: 'd', command_type: 'reboot', protocol: 'lora', payload: {}, colour: 'red' };
  expect(describeRecord(record(Buffer.from(JSON.stringify(value))))).toMatchObject({
    command: { requestId: 'device_commands-3-42', timestamp: new Date(1000), protocol: 'lora' },
    unknownFields: { colour: 'red' },
  });
});

test.each([
  ['text', Buffer.from('{"device_id"'), 'invalid-json', '{"device_id"'],
  ['bytes', Buffer.from([0xff]), 'invalid-utf8', { base64: '/w==' }],
  ['nothing', null, 'empty', null],
])('poison with its reason and its value: %s', (_, value, poison, shown) => {
  expect(describeRecord(record(value, null))).toEqual({
    ...place,
    key: null,
    poison,
    message: expect.any(String),
    value: shown,
  });
});
