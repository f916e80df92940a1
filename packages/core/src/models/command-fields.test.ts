import { describe, expect, test } from 'vitest';
import { commandEnvelopeSchema, decodeCommand, encodeCommand, parseCommand } from '../index.js';
import type { CommandMessage } from './command.js';
import { commandFieldTable } from './command-field-table.js';
import { parsePlainCommand } from './plain-command.js';
import { fieldsOfProtocol, protocolFieldNames } from './protocol-fields.js';
import { knownProtocols } from './protocols.js';

/** A value of each field; the compiler asks for that of a new one. */
const samples: Required<CommandMessage> = {
  requestId: 'r1',
  timestamp: new Date('2026-01-31T12:00:00.123Z'),
  deviceId: 'device123',
  commandType: 'set_led',
  payload: { state: 'on' },
  protocol: 'mqtt',
  metadata: { tenant: 'a' },
  priority: 5,
  expiresAt: new Date('2026-01-31T13:00:00.456Z'),
  supersedeKey: 'led',
  requiredEvidence: 'device',
  answerWithinMs: 5_000,
  issuedBy: 'key:dashboard',
  topic: 'devices/device123',
  qos: 1,
  retain: true,
  path: '/led',
  method: 'PUT',
  confirmable: false,
};
const isOf = (protocol: string) => (field: string) =>
  !(protocolFieldNames as readonly string[]).includes(field) ||
  (fieldsOfProtocol(protocol) as readonly string[]).includes(field);

describe.each(knownProtocols)('a command with every field of %s', (protocol) => {
  const fields = Object.entries({ ...samples, protocol }).filter(([field]) => isOf(protocol)(field));
  const command = parseCommand(Object.fromEntries(fields) as never);

  test('keeps each of them when it is parsed', () => {
    const { metadata, ...others } = Object.fromEntries(fields);
    expect(command).toMatchObject(others);
    expect(command.metadata).toMatchObject(metadata as object);
  });

  test('is parsed alike on the fast path and by the schema', () => {
    expect(parsePlainCommand(Object.fromEntries(fields))).toStrictEqual(command);
    // Text for a time is for the schema.
    const slow = { ...Object.fromEntries(fields), timestamp: samples.timestamp.toISOString() };
    expect(parsePlainCommand(slow)).toBeUndefined();
    expect(parseCommand(slow as never)).toStrictEqual(command);
  });

  test('has each of them on the wire under the name of the table', () => {
    const wire = JSON.parse(encodeCommand(command).toString());
    const names = fields.map(([field]) => commandFieldTable[field as keyof CommandMessage].wireName);
    expect(Object.keys(wire)).toStrictEqual(names);
    expect(commandEnvelopeSchema.strict().safeParse(wire).error).toBeUndefined();
  });

  test('is decoded with each of them, on the fast path and by the schema', () => {
    const value = encodeCommand(command);
    expect(decodeCommand(value)).toStrictEqual({ ok: true, command, unknownFields: {} });
    const slow = Buffer.from(value.toString().replace('{', '{"unheard_of":1,'));
    expect(decodeCommand(slow)).toStrictEqual({ ok: true, command, unknownFields: { unheard_of: 1 } });
  });
});

test('every field belongs to all commands or to a protocol that is known', () => {
  const tested = new Set(
    knownProtocols.flatMap((protocol) => Object.keys(commandFieldTable).filter(isOf(protocol))),
  );
  expect(tested).toEqual(new Set(Object.keys(samples)));
});
