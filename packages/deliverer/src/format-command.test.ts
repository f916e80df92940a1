import {
  type CommandMessage,
  decodeCommand,
  encodeCommand,
  keepPayloadSource,
  parseCommand,
  parseJson,
} from '@preservarium/core';
import { expect, test } from 'vitest';
import { formatAsJson } from './index.js';

const command = { deviceId: 'd1', commandType: 'set', protocol: 'mqtt' } as const;

/** The command as a connector has it. */
function throughKafka(pushed: CommandMessage): CommandMessage {
  const value = encodeCommand(pushed);
  const decoded = decodeCommand(value);
  if (!decoded.ok) throw new Error(decoded.message);
  keepPayloadSource(decoded.command.payload, value);
  return decoded.command;
}

test.each([
  '{"serial":1724442618569203714,"temperature":21.0}',
  '{ "b": 1e2, "a": -0, "a": 0.10 }',
  '{"id":18446744073709551615}',
])('what came as text reaches the device as it is: %s', (text) => {
  const pushed = parseCommand({ ...command, payload: parseJson(text) as Record<string, unknown> });
  expect(formatAsJson(throughKafka(pushed))).toEqual({
    bytes: Buffer.from(text),
    contentType: 'application/json',
  });
});

test('a bigint reaches the device with all its digits', () => {
  const received = throughKafka(parseCommand({ ...command, payload: { id: 2n ** 64n } }));
  expect(formatAsJson(received).bytes.toString()).toBe('{"id":18446744073709551616}');
});

test.each<[string, string, string]>([
  ['{"$value":"ON"}', '"ON"', 'application/json'],
  ['{"$value": 21.0 }', '21.0', 'application/json'],
  ['{"$value":[1.50]}', '[1.50]', 'application/json'],
  ['{"$value":{"$value":1}}', '{"$value":1}', 'application/json'],
  ['{"$bytes":"4f4e"}', 'ON', 'application/octet-stream'],
  ['{"$value":1,"more":2}', '{"$value":1,"more":2}', 'application/json'],
])('of %s the device receives %s', (payload, bytes, contentType) => {
  const pushed = parseCommand({ ...command, payload: parseJson(payload) as Record<string, unknown> });
  expect(formatAsJson(throughKafka(pushed))).toEqual({ bytes: Buffer.from(bytes), contentType });
});
