import { z } from 'zod';
import {
  commandTypeSchema,
  deviceIdSchema,
  requestIdSchema,
  supersedeKeySchema,
} from '../models/identifiers.js';

const instant = z.iso.datetime({ offset: true });
const jsonObject = z.record(z.string(), z.json());

/**
 * What is on the wire: the JSON object that is the value of a record on the command topic. Its JSON Schema is exported as
 * `@preservarium/core/schema/command.schema.json`. Readers ignore fields that they do not know.
 */
export const commandEnvelopeSchema = z
  .looseObject({
    request_id: requestIdSchema.describe('Names this push; the same id again is the same command.'),
    timestamp: instant.describe('When it was issued; ISO 8601, UTC.'),
    device_id: deviceIdSchema.describe('The device it is for; also the key of the Kafka record.'),
    command_type: commandTypeSchema.describe('What the device is to do.'),
    payload: jsonObject.describe('Arguments of the command.'),
    protocol: z.string().min(1).describe('How it reaches the device: mqtt, coap, http or a registered one.'),
    metadata: jsonObject.describe(
      'For the connectors; the protocol fields below are mirrored here, and these win.',
    ),
    priority: z.int().nullable().describe('Higher goes first among the commands of a device that wait.'),
    expires_at: instant.nullable().describe('From then on it is never delivered; ISO 8601, UTC.'),
    supersede_key: supersedeKeySchema
      .optional()
      .describe(
        'A newer command of the same device with the same key replaces one that has not been dispatched.',
      ),
    topic: z.string().optional().describe('MQTT: where to publish.'),
    qos: z.literal([0, 1, 2]).optional().describe('MQTT: quality of service.'),
    retain: z.boolean().optional().describe('MQTT: whether the broker keeps it for later subscribers.'),
    path: z.string().optional().describe("CoAP and HTTP: path on the device's server."),
    method: z.string().optional().describe('CoAP and HTTP: request method.'),
    confirmable: z.boolean().optional().describe('CoAP: whether the device must acknowledge the message.'),
  })
  .meta({ title: 'Command', description: 'A control command to one device, as published to Kafka.' });

export type CommandEnvelope = z.infer<typeof commandEnvelopeSchema>;
