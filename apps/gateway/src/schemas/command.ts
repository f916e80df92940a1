import { commandEnvelopeSchema, commandStates, lifecycleEventEnvelopeSchema } from '@preservarium/core';
import { z } from 'zod';

/** A command as clients send it: the form of the wire, where only device, type and protocol are required. */
export const newCommandSchema = commandEnvelopeSchema
  .omit({ issued_by: true })
  .partial()
  .required({ device_id: true, command_type: true, protocol: true })
  .meta({ id: 'NewCommand', title: 'New command', description: 'A control command to one device.' });

/** A command as it is in Kafka. */
export const commandContentSchema = commandEnvelopeSchema.meta({
  id: 'CommandContent',
  title: 'Content of a command',
  description: 'A command as it was pushed.',
});

/** The history of a command. */
export const commandSchema = z
  .object({
    request_id: z.string(),
    device_id: z.string(),
    command_type: z.string().optional(),
    protocol: z.string().optional(),
    issued_by: z.string().optional().describe('The issuer of the command; absent where it is not known.'),
    state: z.enum(commandStates),
    is_final: z.boolean().describe('True if the state does not change any more.'),
    timestamp: z.iso.datetime().describe('When the command came into the state.'),
    evidence: z.enum(['broker', 'gateway', 'device', 'executed']).optional(),
    reason: z.string().optional().describe('The cause of the state, in words.'),
    result: z.json().optional().describe('The answer of the device.'),
    events: z.array(lifecycleEventEnvelopeSchema).describe('One event for each state, the oldest first.'),
  })
  .meta({ id: 'Command', title: 'Command' });

export type CommandBody = z.output<typeof commandSchema>;

/** The acknowledgement of Kafka for a command. */
export const receiptSchema = z
  .object({
    request_id: z.string(),
    device_id: z.string(),
    state: z.literal('published'),
    topic: z.string(),
    partition: z.int().optional(),
    offset: z.int().optional(),
  })
  .meta({ id: 'Receipt', title: 'Receipt' });

export type ReceiptBody = z.output<typeof receiptSchema>;
