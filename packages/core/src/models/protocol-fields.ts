import { z } from 'zod';

/** The protocols that have fields of their own. */
export const knownProtocols = ['mqtt', 'coap', 'http'] as const;

const maxTopicBytes = 65_535;
const maxSegmentBytes = 255;

/** An MQTT topic name (MQTT 5.0, section 4.7): something to publish to, so no wildcards. */
const topicSchema = z
  .string({ error: 'must be text' })
  .min(1, 'must not be empty')
  .refine((topic) => !/[+#]/.test(topic), 'must have no wildcards (+ or #): a command goes to one topic')
  .refine((topic) => !topic.includes('\0'), 'must have no NUL character')
  .refine((topic) => topic.isWellFormed(), 'must have no broken surrogate pairs')
  .refine((topic) => Buffer.byteLength(topic) <= maxTopicBytes, `must have at most ${maxTopicBytes} bytes`);

/** A path on the device's own server (CoAP: RFC 7252, section 5.10.1). */
const pathSchema = z
  .string({ error: 'must be text' })
  .min(1, 'must not be empty')
  .refine((path) => path.isWellFormed() && !/\p{Cc}/u.test(path), 'must have no control characters')
  .refine((path) => !segmentsOf(path).includes('..'), 'must have no ".." segment')
  .refine(
    (path) => segmentsOf(path).every((segment) => Buffer.byteLength(segment) <= maxSegmentBytes),
    `must have segments of at most ${maxSegmentBytes} bytes`,
  );

function segmentsOf(path: string): string[] {
  return (path.split('?')[0] ?? '').split('/').map(decodePercent);
}

function decodePercent(segment: string): string {
  return segment.replace(/%2e/gi, '.');
}

function methodSchema(methods: readonly string[]) {
  return z
    .string({ error: 'must be text' })
    .toUpperCase()
    .refine((method) => methods.includes(method), `must be one of ${methods.join(', ')}`);
}

/** All fields that belong to one protocol, with their meaning. */
export const protocolFields = {
  /** MQTT: where to publish. Default: the connector's template. */
  topic: topicSchema.optional(),
  /** MQTT: quality of service. Default: the connector's. */
  qos: z.literal([0, 1, 2], 'must be 0, 1 or 2').optional(),
  /** MQTT: whether the broker keeps it for later subscribers. */
  retain: z.boolean('must be true or false').optional(),
  /** CoAP and HTTP: path on the device's server. */
  path: pathSchema.optional(),
  /** CoAP and HTTP: request method. */
  method: methodSchema(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'FETCH', 'IPATCH']).optional(),
  /** CoAP: whether the device must acknowledge the message (RFC 7252, section 4.2). */
  confirmable: z.boolean('must be true or false').optional(),
};

export type ProtocolField = keyof typeof protocolFields;

const fieldsByProtocol: Readonly<Record<string, readonly ProtocolField[]>> = {
  mqtt: ['topic', 'qos', 'retain'],
  coap: ['path', 'method', 'confirmable'],
  http: ['path', 'method'],
};

const bodilessMethods: Readonly<Record<string, readonly string[]>> = {
  coap: ['GET', 'DELETE'],
  http: ['GET'],
};

/** Returns whether requests with this method carry no payload (RFC 7252, section 5.8; RFC 9110, section 9.3.1). */
export function isBodilessMethod(protocol: string, method: string | undefined): boolean {
  const methods = Object.hasOwn(bodilessMethods, protocol) ? bodilessMethods[protocol] : undefined;
  return method !== undefined && methods?.includes(method) === true;
}

export const protocolFieldNames = Object.keys(protocolFields) as readonly ProtocolField[];

/** The fields that a command of this protocol may have; none for protocols that an application registers. */
export function fieldsOfProtocol(protocol: string): readonly ProtocolField[] {
  return Object.hasOwn(fieldsByProtocol, protocol) ? (fieldsByProtocol[protocol] ?? []) : [];
}

/** The protocols that a field belongs to. */
export function protocolsOfField(field: ProtocolField): string[] {
  return Object.keys(fieldsByProtocol).filter((protocol) => fieldsByProtocol[protocol]?.includes(field));
}
