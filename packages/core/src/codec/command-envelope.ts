import { z } from 'zod';
import { commandFields } from '../models/command-fields.js';
import { envelopeShape } from '../models/field-table.js';

/**
 * The JSON object that is the value of a record on the command topic. Its JSON Schema is exported as
 * `@preservarium/core/schema/command.schema.json`. Readers ignore fields that they do not know.
 */
export const commandEnvelopeSchema = z
  .looseObject(envelopeShape(commandFields))
  .meta({ title: 'Command', description: 'A control command to one device, as published to Kafka.' });

export type CommandEnvelope = z.infer<typeof commandEnvelopeSchema>;
