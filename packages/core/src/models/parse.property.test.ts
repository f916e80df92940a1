import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryAnything } from '../../test/arbitrary-anything.js';
import { arbitraryCommand } from '../../test/arbitrary-command.js';
import {
  type CommandInput,
  commandMessageSchema,
  type DeviceSettingsInput,
  parseCommand,
  parseCommandDict,
  parseSettings,
  ValidationError,
} from '../index.js';

/** Every input gives a model or a ValidationError, and nothing else. */
function expectModelOrValidationError(parse: () => object): void {
  try {
    expect(parse()).toMatchObject({ requestId: expect.any(String), timestamp: expect.any(Date) });
  } catch (error) {
    if (!ValidationError.isInstance(error)) throw error;
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.message).toMatch(/^invalid (command|settings): ./);
    expect(error.issues).not.toHaveLength(0);
  }
}

const camelCase = {
  deviceId: 'device123',
  commandType: 'set_led',
  protocol: 'mqtt',
  payload: { state: 'on' },
  metadata: { topic: 'a' },
  topic: 'a',
  priority: 1,
  expiresAt: '2026-01-31T12:00:00Z',
  supersedeKey: 'led',
};

const snakeCase = {
  device_id: 'device123',
  command_type: 'set_led',
  protocol: 'mqtt',
  payload: { state: 'on' },
  metadata: { topic: 'a' },
  expires_at: 1_900_000_000,
  supersede_key: 'led',
};

test('parseCommand', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(arbitraryAnything(camelCase), (input) =>
      expectModelOrValidationError(() => parseCommand(input as CommandInput)),
    ),
    { numRuns: 500 },
  );
});

test('parseCommandDict', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(arbitraryAnything(snakeCase), (input) =>
      expectModelOrValidationError(() => parseCommandDict(input as Record<string, unknown>)),
    ),
    { numRuns: 500 },
  );
});

test('parseSettings', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(arbitraryAnything({ deviceId: 'device123', settings: { a: 1 } }), (input) =>
      expectModelOrValidationError(() => parseSettings(input as DeviceSettingsInput)),
    ),
    { numRuns: 500 },
  );
});

test('parseCommand gives what the schema gives, with the protocol fields mirrored in metadata', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(arbitraryCommand, (given) => {
      const input = { requestId: 'r1', timestamp: new Date(0), ...given };
      const { topic, qos, retain, path, method, confirmable } = input;
      const command = commandMessageSchema.parse(input);
      const mirrored = JSON.parse(JSON.stringify({ topic, qos, retain, path, method, confirmable }));
      expect(parseCommand(input)).toEqual({ ...command, metadata: { ...command.metadata, ...mirrored } });
    }),
    { numRuns: 500 },
  );
});
