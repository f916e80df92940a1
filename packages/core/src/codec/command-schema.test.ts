import { expect, test } from 'vitest';
import { z } from 'zod';
import { goldenNames, goldenValue } from '../../test/golden-value.js';
import { commandEnvelopeSchema, decodeCommand, encodeCommand } from '../index.js';

// When the schema has changed on purpose: vitest run -u packages/core/src/codec/command-schema.test.ts
test('schema/command.schema.json is fresh', async () => {
  const schema = `${JSON.stringify(z.toJSONSchema(commandEnvelopeSchema), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../schema/command.schema.json');
});

test.each(goldenNames)('%s satisfies it once it is encoded by this version', (name) => {
  const decoded = decodeCommand(goldenValue(name));
  if (!decoded.ok) throw new Error(decoded.message);
  const value = encodeCommand(decoded.command, decoded.unknownFields);
  expect(commandEnvelopeSchema.safeParse(JSON.parse(value.toString())).error).toBeUndefined();
});

test.each([
  ['an empty device_id', { device_id: '' }],
  ['a null payload', { payload: null }],
  ['null metadata', { metadata: null }],
  ['a naive timestamp', { timestamp: '2026-01-31T12:00:00' }],
  ['a qos of 3', { qos: 3 }],
])('%s does not satisfy it', (_, change) => {
  const decoded = decodeCommand(goldenValue('01-mqtt-plain'));
  if (!decoded.ok) throw new Error(decoded.message);
  const wire = { ...JSON.parse(encodeCommand(decoded.command).toString()), ...change };
  expect(commandEnvelopeSchema.safeParse(wire).success).toBe(false);
});
