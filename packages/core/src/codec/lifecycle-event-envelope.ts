import { z } from 'zod';
import { deviceIdSchema, requestIdSchema } from '../models/identifiers.js';
import { commandStates, evidences } from '../models/lifecycle-event.js';

/**
 * What is on the wire: the JSON object that is the value of a record on the topic of lifecycle events. Its JSON Schema is
 * exported as `@preservarium/core/schema/lifecycle-event.schema.json`. Readers ignore fields that they do not know.
 */
export const lifecycleEventEnvelopeSchema = z
  .looseObject({
    request_id: requestIdSchema.describe("The command's."),
    device_id: deviceIdSchema.describe('The device the command is for; also the key of the Kafka record.'),
    state: z.enum(commandStates).describe('The state that the command is in from now on.'),
    timestamp: z.iso.datetime({ offset: true }).describe('When it came into it; ISO 8601, UTC.'),
    command_type: z.string().optional().describe("The command's."),
    protocol: z.string().optional().describe("The command's."),
    evidence: z
      .enum(evidences)
      .optional()
      .describe(
        'What proves the state: Kafka has it (broker), an MQTT broker or an HTTP gateway has it (gateway), the device ' +
          'acknowledged it (device), or the device reported the result (executed).',
      ),
    attempt: z.int().min(1).optional().describe('The attempt to deliver it that this is about, from 1.'),
    reason: z.string().optional().describe('Why, in words.'),
    result: z.json().optional().describe('What the device answered.'),
    may_be_repeat: z.boolean().optional().describe('The device may have had this command before.'),
  })
  .meta({
    title: 'Lifecycle event',
    description: 'A step on the way of a command, as connectors publish it to Kafka.',
  });

export type LifecycleEventEnvelope = z.infer<typeof lifecycleEventEnvelopeSchema>;
