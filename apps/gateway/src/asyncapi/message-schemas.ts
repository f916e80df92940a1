import { commandEnvelopeSchema, lifecycleEventEnvelopeSchema } from '@preservarium/core';
import { deadLetterReasons } from '@preservarium/dead-letters';
import { z } from 'zod';

const id = z.string().min(1).max(256);
const instant = z.iso.datetime({ offset: true });
const document = z.record(z.string(), z.json());
const count = z.string().regex(/^\d+$/);

/** Settings of a device, desired or reported; `encodeSettings` of `@preservarium/core` writes them. */
const settingsEnvelopeSchema = z
  .looseObject({
    request_id: id.describe('Names this change.'),
    timestamp: instant.describe('The time of the change; ISO 8601, UTC.'),
    device_id: id.describe('The device; also the key of the record.'),
    settings: document.describe('All settings of the device.'),
    metadata: document.describe('Passed through to the connectors.'),
    protocol: z.string().optional().describe('The protocol that reaches the device.'),
    base_version: z
      .int()
      .min(-1)
      .optional()
      .describe(
        'Offset of the record that this one replaces, -1 for none. A record whose base is not the newest one is void. Absent: replaces any.',
      ),
    issued_by: id.optional().describe('The issuer of the change. Absent: not known.'),
  })
  .meta({ title: 'Settings', description: 'The settings of one device.' });

/** A cancellation; `encodeCancellation` of `@preservarium/core` writes it. */
const cancellationEnvelopeSchema = z
  .looseObject({
    request_id: id.describe('The command that is not to be delivered any more.'),
    device_id: id.describe('Its device; also the key of the record.'),
    timestamp: instant.describe('The time of issue; ISO 8601, UTC.'),
    issued_by: id.optional().describe('The issuer of the cancellation. Absent: not known.'),
  })
  .meta({ title: 'Cancellation', description: 'Asks the connectors not to deliver a command.' });

/** Headers of a dead letter; `deadLetterRecord` of `@preservarium/dead-letters` writes them. */
const deadLetterHeadersSchema = z.looseObject({
  'record-type': z.literal('dead-letter'),
  'dead-reason': z.enum(deadLetterReasons),
  'dead-message': z.string().max(1_000).describe('The problem in words.'),
  'dead-group': z.string().describe('Consumer group of the connector that gave it up.'),
  'dead-at': instant.describe('When it was given up.'),
  attempts: count,
  'source-topic': z.string(),
  'source-partition': count,
  'source-offset': count,
  'original-headers': z
    .string()
    .optional()
    .describe('Headers of the original: a JSON list of [name, base64 or null].'),
  'dead-omitted-bytes': count.optional().describe('Size of an original that was too large and is left out.'),
});

const schemas = {
  command: commandEnvelopeSchema,
  lifecycleEvent: lifecycleEventEnvelopeSchema,
  settings: settingsEnvelopeSchema,
  cancellation: cancellationEnvelopeSchema,
  deadLetterHeaders: deadLetterHeadersSchema,
  cancellationHeaders: z.looseObject({ 'record-type': z.literal('cancel') }),
} as const;

/** Returns the schemas of records as JSON Schema, by name. */
export function messageSchemas(): Readonly<Record<keyof typeof schemas, object>> {
  const entries = Object.entries(schemas).map(([name, schema]) => {
    // AsyncAPI 3 has schemas in draft 7, whose references begin at the document.
    const text = JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7' }));
    return [
      name,
      JSON.parse(text.replaceAll('"#/definitions/', `"#/components/schemas/${name}/definitions/`)),
    ];
  });
  return Object.fromEntries(entries);
}
