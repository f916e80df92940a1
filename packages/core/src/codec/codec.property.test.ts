import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryCommand, exactJson } from '../../test/arbitrary-command.js';
import { arbitraryLifecycleEvent } from '../../test/arbitrary-lifecycle-event.js';
import { readStrictly } from '../../test/strict-wire-reader.js';
import {
  commandEnvelopeSchema,
  decodeCancellation,
  decodeCommand,
  decodeLifecycleEvent,
  decodeSettings,
  encodeCommand,
  encodeLifecycleEvent,
  encodeSettings,
  lifecycleEventEnvelopeSchema,
  lifecycleEventSchema,
  parseCommand,
  parseSettings,
} from '../index.js';

const reasons = ['empty', 'invalid-utf8', 'invalid-json', 'not-an-object', 'invalid-fields'];

const wireNames = [
  'request_id',
  'timestamp',
  'device_id',
  'command_type',
  'payload',
  'protocol',
  'metadata',
  'priority',
  'expires_at',
  'supersede_key',
  'required_evidence',
  'answer_within_ms',
  'topic',
  'path',
  'settings',
  'state',
  'evidence',
  'attempt',
  'result',
];

const arbitraryValue = fc.oneof(
  fc.uint8Array(),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record(Object.fromEntries(wireNames.map((name) => [name, fc.jsonValue()])), { requiredKeys: [] })
    .map((wire) => Buffer.from(JSON.stringify(wire))),
);

test('decoding arbitrary bytes gives what they are or a reason, and throws nothing', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(arbitraryValue, (value) => {
      for (const decode of [decodeCommand, decodeSettings, decodeLifecycleEvent, decodeCancellation]) {
        const decoded = decode(value);
        if (decoded.ok) continue;
        expect(reasons).toContain(decoded.reason);
        expect(decoded.message).not.toBe('');
      }
    }),
    { numRuns: 500 },
  );
});

test('decoding what was encoded gives the same command', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(arbitraryCommand, (input) => {
      const command = parseCommand(input);
      const decoded = decodeCommand(encodeCommand(command));
      expect(decoded).toEqual({ ok: true, command, unknownFields: {} });
    }),
    { numRuns: 500 },
  );
});

test('what is encoded satisfies the envelope schema and a strict reader', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(arbitraryCommand, (input) => {
      const value = encodeCommand(parseCommand(input));
      commandEnvelopeSchema.parse(JSON.parse(value.toString()));
      readStrictly(value);
    }),
    { numRuns: 500 },
  );
});

test('decoding what was encoded gives the same settings', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), exactJson), (desired) => {
      const settings = parseSettings({ deviceId: 'device123', settings: desired });
      expect(decodeSettings(encodeSettings(settings))).toEqual({ ok: true, settings, unknownFields: {} });
    }),
  );
});

test('decoding what was encoded gives the same lifecycle event, which satisfies the envelope schema', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(arbitraryLifecycleEvent, (input) => {
      const event = lifecycleEventSchema.parse(input);
      const value = encodeLifecycleEvent(event);
      expect(decodeLifecycleEvent(value)).toEqual({ ok: true, event });
      lifecycleEventEnvelopeSchema.parse(JSON.parse(value.toString()));
    }),
    { numRuns: 500 },
  );
});
