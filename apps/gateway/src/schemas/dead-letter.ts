import { deadLetterReasons } from '@preservarium/dead-letters';
import { z } from 'zod';

/** A command that was given up, as lists have it. */
export const deadLetterSchema = z
  .object({
    position: z.string().describe('Partition and offset in the topic of dead letters, for example `3:42`.'),
    died_at: z.iso.datetime().describe('When it was given up.'),
    reason: z
      .enum(deadLetterReasons)
      .describe(
        'It cannot be read (poison), was refused by its device (rejected), was tried too often (exhausted), or was refused for its signature (the others).',
      ),
    message: z.string(),
    attempts: z.int(),
    group: z.string().describe('Consumer group of the connector that gave it up.'),
    device_id: z.string(),
    command_type: z.string().optional().describe('Only with a readable command.'),
    request_id: z.string().optional(),
    expires_at: z.iso.datetime().optional(),
    source: z.object({ topic: z.string(), partition: z.int(), offset: z.int() }),
    sent_again: z.boolean(),
  })
  .meta({ id: 'DeadLetter', title: 'Dead letter' });

export type DeadLetterBody = z.output<typeof deadLetterSchema>;

/** The outcome of a redrive, or of its dry run. */
export const redriveSchema = z
  .object({
    position: z.string(),
    device_id: z.string(),
    command_type: z.string().optional(),
    request_id: z.string().optional(),
    outcome: z.enum([
      'sent',
      'sendable',
      'sent_before',
      'poison',
      'replayed',
      'other_topic',
      'expired',
      'superseded',
    ]),
    message: z.string().describe('The outcome in words.'),
  })
  .meta({ id: 'Redrive', title: 'Redrive' });

export type RedriveBody = z.output<typeof redriveSchema>;

const bytes = z.object({
  base64: z.string(),
  text: z.string().nullable().describe('The same as text; null if it is not UTF-8.'),
});

/** The original record of a dead letter. */
export const deadLetterContentSchema = z
  .object({
    position: z.string(),
    message: z.string().describe('Why it was given up.'),
    redrive: z.string().describe('Says whether it may be sent again.'),
    key: bytes,
    value: bytes,
    headers: z.array(z.object({ name: z.string(), value: bytes.nullable() })),
    omitted_bytes: z
      .int()
      .optional()
      .describe('Bytes of a value that was too large for the topic of dead letters, and is left out.'),
    payload: z.record(z.string(), z.json()).optional().describe('Only with a readable command.'),
  })
  .meta({ id: 'DeadLetterContent', title: 'Content of a dead letter' });

export type DeadLetterContentBody = z.output<typeof deadLetterContentSchema>;
