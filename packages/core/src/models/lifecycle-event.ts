import { z } from 'zod';
import { deviceIdSchema, requestIdSchema, requiredText } from './identifiers.js';
import { instantSchema } from './instant.js';
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
 * What proves a state: `broker`, Kafka has it; `gateway`, an MQTT broker or an HTTP gateway has it; `device`, the device
 * itself acknowledged it; `executed`, the device reported the result.
 */
export const evidences = ['broker', 'gateway', 'device', 'executed'] as const;

export type Evidence = (typeof evidences)[number];

const text = z.string({ error: requiredText });

/** A step on the way of a command. */
export const lifecycleEventSchema = z.strictObject({
  /** The command's. */
  requestId: requestIdSchema,
  /** The device the command is for; also the Kafka key, so the events of one device keep their order. */
  deviceId: deviceIdSchema,
  /** The state that the command is in from now on. */
  state: z.enum(commandStates, `must be one of ${commandStates.join(', ')}`),
  /** When it came into it. */
  timestamp: instantSchema,
  /** The command's. */
  commandType: text.optional(),
  /** The command's. */
  protocol: text.optional(),
  /** What proves the state. */
  evidence: z.enum(evidences, `must be one of ${evidences.join(', ')}`).optional(),
  /** The attempt to deliver it that this is about, from 1. */
  attempt: z.int('must be a whole number').min(1, 'counts from 1').optional(),
  /** Why, in words. */
  reason: text.optional(),
  /** What the device answered; null is the same as none. */
  result: jsonValueSchema.optional(),
  /** The device may have had this command before. */
  mayBeRepeat: z.boolean('must be true or false').optional(),
});

export type LifecycleEvent = z.output<typeof lifecycleEventSchema>;
