import { z } from 'zod';
import { type EnvelopeFieldTable, modelShape } from './field-table.js';
import { deviceIdSchema, issuedBySchema, requestIdSchema, requiredText } from './identifiers.js';
import { instantSchema } from './instant.js';
import type { JsonValue } from './json-value.js';
import { jsonValueSchema } from './json-value-schema.js';

/** The states of a command, from the brokers' acknowledgement of its push to its end. */
export const commandStates = [
  'published',
  'dispatched',
  'delivered',
  'succeeded',
  'failed',
  'rejected',
  'waiting',
  'expired',
  'superseded',
  'cancelled',
  'dead',
] as const;

export type CommandState = (typeof commandStates)[number];

/**
 * The proof of a state: `broker`, Kafka has the command; `gateway`, an MQTT broker or an HTTP gateway has it; `device`, the device
 * acknowledged it; `executed`, the device reported the result.
 */
const evidences = ['broker', 'gateway', 'device', 'executed'] as const;

export type Evidence = (typeof evidences)[number];

/** One step in the lifecycle of a command, as connectors write it to Kafka. */
export interface LifecycleEvent {
  /** The request id of the command. */
  readonly requestId: string;
  /** The target device of the command; also the Kafka key, so the events of one device keep their order. */
  readonly deviceId: string;
  /** The new state of the command. */
  readonly state: CommandState;
  /** Time at which the command reached the state. */
  readonly timestamp: Date;
  /** The command type of the command. */
  readonly commandType?: string | undefined;
  /** The protocol of the command. */
  readonly protocol?: string | undefined;
  /** The proof of the state. */
  readonly evidence?: Evidence | undefined;
  /** The delivery attempt that the event is about, from 1. */
  readonly attempt?: number | undefined;
  /** The cause, in words; written in at most 1,000 characters. */
  readonly reason?: string | undefined;
  /** The answer of the device; null is the same as none. */
  readonly result?: JsonValue | undefined;
  /** True if the device may have received this command before. */
  readonly mayBeRepeat?: boolean | undefined;
  /** True if the command ended without proof, and the device may have executed it, or may still do so. */
  readonly mayBeExecuted?: boolean | undefined;
  /** Time of the next attempt to deliver a command that waits, unless its device shows itself before. */
  readonly nextAttemptAt?: Date | undefined;
  /** The request id of the command that goes to the device before this one, which waits behind it. Its own where a redrive joins an earlier life. */
  readonly behind?: string | undefined;
  /** Time at which the command was sent again from the dead letters: its life since then is a new one. Absent in its first life. */
  readonly redrivenAt?: Date | undefined;
  /**
   * The claim under which a connector owned the partition of the command: the owner after it has a higher number, and its events void decisions under a lower one. Absent
   * where no owner speaks.
   */
  readonly claimEpoch?: number | undefined;
  /** The issuer of the command. Absent where it is not known, as in answers of devices whose command the connector did not know. */
  readonly issuedBy?: string | undefined;
}

const text = z.string({ error: requiredText });
const optionalText = z.string().optional();

/** Every field of a lifecycle event, in the order on the wire; names, both schemas, decoder and encoder follow from it. */
export const lifecycleEventFields = {
  requestId: {
    wireName: 'request_id',
    model: requestIdSchema,
    envelope: requestIdSchema.describe("The command's."),
  },
  deviceId: {
    wireName: 'device_id',
    model: deviceIdSchema,
    envelope: deviceIdSchema.describe('The device the command is for; also the key of the Kafka record.'),
  },
  state: {
    wireName: 'state',
    model: z.enum(commandStates, `must be one of ${commandStates.join(', ')}`),
    envelope: z.enum(commandStates).describe('The state that the command is in from now on.'),
  },
  timestamp: {
    wireName: 'timestamp',
    model: instantSchema,
    envelope: z.iso.datetime({ offset: true }).describe('When it came into it; ISO 8601, UTC.'),
  },
  commandType: {
    wireName: 'command_type',
    model: text.optional(),
    envelope: optionalText.describe("The command's."),
  },
  protocol: {
    wireName: 'protocol',
    model: text.optional(),
    envelope: optionalText.describe("The command's."),
  },
  evidence: {
    wireName: 'evidence',
    model: z.enum(evidences, `must be one of ${evidences.join(', ')}`).optional(),
    envelope: z
      .enum(evidences)
      .optional()
      .describe(
        'The evidence of the state: Kafka has it (broker), an MQTT broker or an HTTP gateway has it (gateway), the device ' +
          'acknowledged it (device), or the device reported the result (executed).',
      ),
  },
  attempt: {
    wireName: 'attempt',
    model: z.int('must be a whole number').min(1, 'counts from 1').optional(),
    envelope: z.int().min(1).optional().describe('The attempt to deliver it that this is about, from 1.'),
  },
  reason: {
    wireName: 'reason',
    model: text.optional(),
    envelope: optionalText.describe('Why, in words.'),
  },
  result: {
    wireName: 'result',
    model: jsonValueSchema.optional(),
    envelope: z.json().optional().describe('The answer of the device.'),
  },
  mayBeRepeat: {
    wireName: 'may_be_repeat',
    model: z.boolean('must be true or false').optional(),
    envelope: z.boolean().optional().describe('The device may have had this command before.'),
  },
  mayBeExecuted: {
    wireName: 'may_be_executed',
    model: z.boolean('must be true or false').optional(),
    envelope: z
      .boolean()
      .optional()
      .describe('It ended without proof, and the device may have executed it, or may still do so.'),
  },
  nextAttemptAt: {
    wireName: 'next_attempt_at',
    model: instantSchema.optional(),
    envelope: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When the next attempt to deliver it is due, unless the device shows itself before.'),
  },
  behind: {
    wireName: 'behind',
    model: requestIdSchema.optional(),
    envelope: requestIdSchema
      .optional()
      .describe('The request id of the command that goes to the device before this one.'),
  },
  redrivenAt: {
    wireName: 'redriven_at',
    model: instantSchema.optional(),
    envelope: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When it was sent again from the dead letters; absent in its first life.'),
  },
  claimEpoch: {
    wireName: 'claim_epoch',
    model: z.int('must be a whole number').min(1, 'counts from 1').optional(),
    envelope: z
      .int()
      .min(1)
      .optional()
      .describe(
        'The claim under which a connector owned the partition of the command; the owner after it has a higher number. Decisions under a lower number do not ' +
          'count once a later owner spoke of the command.',
      ),
  },
  issuedBy: {
    wireName: 'issued_by',
    model: issuedBySchema.optional(),
    envelope: issuedBySchema.optional().describe('The issuer of the command. Absent: not known.'),
  },
} as const satisfies EnvelopeFieldTable & Record<keyof LifecycleEvent, unknown>;

/** Checks a lifecycle event. */
export const lifecycleEventSchema = z.strictObject(modelShape(lifecycleEventFields));
