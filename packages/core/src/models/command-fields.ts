import { z } from 'zod';
import type { CommandMessage } from './command.js';
import { createRequestId } from './create-request-id.js';
import {
  commandTypeSchema,
  deviceIdSchema,
  issuedBySchema,
  protocolSchema,
  requestIdSchema,
  supersedeKeySchema,
} from './identifiers.js';
import { instantSchema, isInstantDate, plainInstant } from './instant.js';
import { jsonObjectSchema } from './json-object-schema.js';
import {
  isAsciiText,
  isBoolean,
  isOneOf,
  isPlainJsonObject,
  isPlainPath,
  isPlainTopic,
  type PlainCheck,
} from './plain-checks.js';
import { methodSchema, pathSchema, topicSchema } from './protocol-schemas.js';
import type { knownProtocols } from './protocols.js';
import {
  answerWithinMsSchema,
  isAnswerTime,
  requiredEvidenceSchema,
  requiredEvidences,
} from './required-evidence.js';

export interface CommandField {
  /** The name in the JSON on the wire. */
  readonly wireName: string;
  /** Checks the field of an input and fills in its default. */
  readonly model: z.ZodType;
  /** Describes the field on the wire, for the JSON Schema. */
  readonly envelope: z.ZodType;
  /** Returns whether a value is valid as it is; decides whether the fast path takes the command. */
  readonly isPlain: PlainCheck;
  /** Converts the value from the wire for the fast path; undefined if it takes the slow one. Default: the value itself. */
  readonly fromWire?: (value: unknown) => unknown;
  /** The protocols that the field belongs to. Default: it is a field of all commands. */
  readonly protocols?: readonly (typeof knownProtocols)[number][];
}

const instant = z.iso.datetime({ offset: true });
const jsonObject = z.record(z.string(), z.json());

/**
 * Every field of a command, in the order on the wire. Names, both schemas, the decoder and the fast path follow from this table; the
 * compiler asks for what it does not give: the interface `CommandMessage` and the encoder.
 */
export const commandFields = {
  requestId: {
    wireName: 'request_id',
    model: requestIdSchema.default(createRequestId),
    envelope: requestIdSchema.describe('Names this push; the same id again is the same command.'),
    isPlain: isAsciiText(256),
  },
  timestamp: {
    wireName: 'timestamp',
    model: instantSchema.default(() => new Date()),
    envelope: instant.describe('When it was issued; ISO 8601, UTC.'),
    isPlain: isInstantDate,
    fromWire: plainInstant,
  },
  deviceId: {
    wireName: 'device_id',
    model: deviceIdSchema,
    envelope: deviceIdSchema.describe('The device it is for; also the key of the Kafka record.'),
    isPlain: isAsciiText(256),
  },
  commandType: {
    wireName: 'command_type',
    model: commandTypeSchema,
    envelope: commandTypeSchema.describe('The action of the device.'),
    isPlain: isAsciiText(128),
  },
  payload: {
    wireName: 'payload',
    model: jsonObjectSchema.default({}),
    envelope: jsonObject.describe('Arguments of the command.'),
    isPlain: isPlainJsonObject,
  },
  protocol: {
    wireName: 'protocol',
    model: protocolSchema,
    envelope: z.string().min(1).describe('How it reaches the device: mqtt, coap, http or a registered one.'),
    isPlain: (value) => value === 'mqtt' || value === 'coap' || value === 'http',
  },
  metadata: {
    wireName: 'metadata',
    model: jsonObjectSchema.default({}),
    envelope: jsonObject.describe(
      'For the connectors; the protocol fields below are mirrored here, and these win.',
    ),
    isPlain: isPlainJsonObject,
  },
  priority: {
    wireName: 'priority',
    model: z.int('must be a whole number').optional(),
    envelope: z.int().nullable().describe('Higher goes first among the commands of a device that wait.'),
    isPlain: Number.isSafeInteger,
  },
  expiresAt: {
    wireName: 'expires_at',
    model: instantSchema.optional(),
    envelope: instant.nullable().describe('From then on it is never delivered; ISO 8601, UTC.'),
    isPlain: isInstantDate,
    fromWire: plainInstant,
  },
  supersedeKey: {
    wireName: 'supersede_key',
    model: supersedeKeySchema.optional(),
    envelope: supersedeKeySchema
      .optional()
      .describe(
        'A newer command of the same device with the same key replaces one that has not been dispatched.',
      ),
    isPlain: isAsciiText(128),
  },
  requiredEvidence: {
    wireName: 'required_evidence',
    model: requiredEvidenceSchema.optional(),
    envelope: requiredEvidenceSchema
      .optional()
      .describe(
        'The evidence that ends it: a broker or gateway has it (gateway), the device acknowledged it (device), or the device reported the ' +
          'result (executed). Default: what the protocol proves by itself.',
      ),
    isPlain: isOneOf(requiredEvidences),
  },
  answerWithinMs: {
    wireName: 'answer_within_ms',
    model: answerWithinMsSchema.optional(),
    envelope: answerWithinMsSchema
      .optional()
      .describe('How long the device may take to answer an attempt, in milliseconds.'),
    isPlain: isAnswerTime,
  },
  issuedBy: {
    wireName: 'issued_by',
    model: issuedBySchema.optional(),
    envelope: issuedBySchema.optional().describe('The issuer, for example key:dashboard. Absent: not known.'),
    isPlain: isAsciiText(256),
  },
  topic: {
    wireName: 'topic',
    model: topicSchema.optional(),
    envelope: z.string().optional().describe('MQTT: where to publish.'),
    isPlain: isPlainTopic,
    protocols: ['mqtt'],
  },
  qos: {
    wireName: 'qos',
    model: z.literal([0, 1, 2], 'must be 0, 1 or 2').optional(),
    envelope: z.literal([0, 1, 2]).optional().describe('MQTT: quality of service.'),
    isPlain: (value) => value === 0 || value === 1 || value === 2,
    protocols: ['mqtt'],
  },
  retain: {
    wireName: 'retain',
    model: z.boolean('must be true or false').optional(),
    envelope: z.boolean().optional().describe('MQTT: whether the broker keeps it for later subscribers.'),
    isPlain: isBoolean,
    protocols: ['mqtt'],
  },
  path: {
    wireName: 'path',
    model: pathSchema.optional(),
    envelope: z.string().optional().describe("CoAP and HTTP: path on the device's server."),
    isPlain: isPlainPath,
    protocols: ['coap', 'http'],
  },
  method: {
    wireName: 'method',
    model: methodSchema.optional(),
    envelope: z.string().optional().describe('CoAP and HTTP: request method.'),
    isPlain: isOneOf(['GET', 'POST', 'PUT', 'DELETE']),
    protocols: ['coap', 'http'],
  },
  confirmable: {
    wireName: 'confirmable',
    model: z.boolean('must be true or false').optional(),
    envelope: z.boolean().optional().describe('CoAP: whether the device must acknowledge the message.'),
    isPlain: isBoolean,
    protocols: ['coap'],
  },
} as const satisfies Record<keyof CommandMessage, CommandField>;
