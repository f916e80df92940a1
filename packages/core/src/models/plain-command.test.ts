import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandMessageSchema } from './command-message.js';
import { mirrorProtocolFields, readMirroredFields } from './mirrored-fields.js';
import { parsePlainCommand } from './plain-command.js';

const json = fc.oneof(
  fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
  fc.constantFrom(
    [],
    { a: undefined },
    { a: Number.NaN },
    { a: new Date(0) },
    { a: new Map() },
    { topic: 't', qos: 1 },
  ),
);
const text = fc.oneof(
  fc.constantFrom('a', 'device 1', '', 'é', 'a\n', '\ud800', 'x'.repeat(300)),
  fc.string({ maxLength: 8 }),
);
const instant = fc.constantFrom(
  new Date(0),
  new Date(Number.NaN),
  new Date(8.64e15),
  '2026-01-31T12:00:00Z',
  5,
  'no',
);

const fields = {
  requestId: text,
  timestamp: instant,
  deviceId: text,
  commandType: text,
  payload: json,
  protocol: fc.constantFrom('mqtt', 'mqtt', 'coap', 'http', 'MQTT', 'lorawan', ''),
  metadata: json,
  priority: fc.constantFrom(0, 5, 1.5, Number.NaN, undefined),
  expiresAt: instant,
  supersedeKey: text,
  requiredEvidence: fc.constantFrom('gateway', 'executed', 'broker', 1, undefined),
  answerWithinMs: fc.constantFrom(1, 30_000, 0, 1.5, 2 ** 31, '5', undefined),
  topic: fc.constantFrom('devices/1', '', 'a/+', '#', 'é', 'a\0', undefined),
  qos: fc.constantFrom(0, 1, 2, 3, '1'),
  retain: fc.constantFrom(true, false, 'yes'),
  path: fc.constantFrom('/c', 'a/../b', '/%2e%2e', '', '/é', `/${'x'.repeat(256)}`),
  method: fc.constantFrom('GET', 'post', 'FETCH', 'NO'),
  confirmable: fc.constantFrom(true, 0),
  unknown: fc.constant(1),
};

/** A plain command with a few of its fields replaced. */
const input = fc
  .tuple(fc.subarray(Object.keys(fields), { maxLength: 4 }), fc.record(fields))
  .map(([names, values]) => ({
    requestId: 'r',
    timestamp: new Date(1),
    deviceId: 'device123',
    commandType: 'set_led',
    protocol: 'mqtt',
    ...Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))),
  }));

test('what the short way accepts, the schema gives as well', () => {
  let accepted = 0;
  fc.assert(
    fc.property(input, (candidate) => {
      const plain = parsePlainCommand(candidate);
      if (plain === undefined) return;
      accepted++;
      const mirrored = readMirroredFields(candidate, 'refuse');
      expect(mirrored.issues).toEqual([]);
      expect(plain).toStrictEqual(mirrorProtocolFields(commandMessageSchema.parse(mirrored.input)));
    }),
    { numRuns: 5_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('the plan’s own example goes the short way', () => {
  const command = {
    deviceId: 'device123',
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { state: 'on' },
  };
  expect(parsePlainCommand(command)).toMatchObject({ ...command, metadata: {} });
});
