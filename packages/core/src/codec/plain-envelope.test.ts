import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommandDict } from '../models/parse-command.js';
import { decodeCommand } from './decode-command.js';

const envelope = {
  request_id: 'r',
  timestamp: '2026-01-31T12:00:00.000Z',
  device_id: 'device123',
  command_type: 'set_led',
  payload: { state: 'on' },
  protocol: 'mqtt',
  metadata: { topic: 'devices/1' },
  priority: null,
  expires_at: null,
  topic: 'devices/1',
};
const instant = fc.constantFrom(
  '2026-01-31T12:00:00.000Z',
  '2026-01-31T12:00:00Z',
  '2026-02-30T12:00:00.000Z',
  '+012026-01-31T12:00:00.000Z',
  1_769_860_800,
  'soon',
  null,
);
const replaced = fc.record(
  {
    request_id: fc.constantFrom('é', '', 7, null),
    timestamp: instant,
    device_id: fc.constantFrom('d', '', 7, 'a\n', null),
    payload: fc.constantFrom({}, { a: [1, null] }, [], 'on', null),
    protocol: fc.constantFrom('mqtt', 'MQTT', 'coap', 'lorawan', null),
    metadata: fc.constantFrom({}, null, { topic: 'other' }, { topic: null }, { qos: 1 }, 'x', { path: '/a' }),
    priority: fc.constantFrom(5, 1.5, '5'),
    expires_at: instant,
    supersede_key: fc.constantFrom('k', '', null),
    required_evidence: fc.constantFrom('device', 'broker', null),
    answer_within_ms: fc.constantFrom(5, 0, '5', null),
    topic: fc.constantFrom('devices/1', 'a/#', null, 5),
    qos: fc.constantFrom(0, 3, null),
    path: fc.constantFrom('/a', '/../a'),
  },
  { requiredKeys: [] },
);

test('the short way gives what the schema gives', () => {
  fc.assert(
    fc.property(replaced, (fields) => {
      const short = { ...envelope, ...fields };
      // A field that nobody knows is not for the short way.
      const long = { ...short, unheard_of: 1 };
      const defaults = { requestId: 'default', timestamp: new Date(5) };
      const [taken, expected] = [short, long].map((value) =>
        decodeCommand(Buffer.from(JSON.stringify(value)), defaults),
      );
      if (expected?.ok !== true) {
        expect(taken).toEqual(expected);
        return;
      }
      const { unheard_of, ...unknownFields } = expected.unknownFields;
      expect(unheard_of).toBe(1);
      expect(taken).toEqual({ ...expected, unknownFields });
    }),
    { numRuns: 3_000 },
  );
});

test('the short way of a dictionary gives what the schema gives', () => {
  fc.assert(
    fc.property(replaced, fc.constantFrom('set_led', 'feedback'), (fields, command_type) => {
      const short = { ...envelope, command_type, ...fields };
      // An object with a prototype of its own is not for the short way.
      const long = Object.assign(Object.create({}), short);
      expect(outcomeOf(short)).toEqual(outcomeOf(long));
    }),
  );
});

function outcomeOf(dict: Record<string, unknown>): unknown {
  try {
    return parseCommandDict(dict);
  } catch (error) {
    return error;
  }
}
