import { z } from 'zod';
import { envelopeShape } from '../models/field-table.js';
import { lifecycleEventFields } from '../models/lifecycle-event.js';

/**
 * The JSON object that is the value of a record on the topic of lifecycle events. Its JSON Schema is exported as
 * `@preservarium/core/schema/lifecycle-event.schema.json`. Readers ignore fields that they do not know.
 */
export const lifecycleEventEnvelopeSchema = z.looseObject(envelopeShape(lifecycleEventFields)).meta({
  title: 'Lifecycle event',
  description: 'A step on the way of a command, as connectors publish it to Kafka.',
});

export type LifecycleEventEnvelope = z.infer<typeof lifecycleEventEnvelopeSchema>;
