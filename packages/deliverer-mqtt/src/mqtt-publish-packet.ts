import type { DevicePayload } from '@preservarium/deliverer';

/** The fields of a PUBLISH packet (MQTT 3.1.1 and 5.0, section 3.3). */
export interface PublishFields {
  readonly topic: string;
  readonly payload: DevicePayload;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** MQTT 5; undefined makes a packet of 3.1.1. */
  readonly properties?: PublishProperties | undefined;
}

export interface PublishProperties {
  readonly correlationData: string;
  readonly responseTopic: string | undefined;
  readonly userProperties: readonly (readonly [name: string, value: string])[];
  /** True: there is an expiry interval, which {@link setExpiry} sets. */
  readonly expires: boolean;
}

/** A packet but for what is known only when it is sent. */
export interface PublishPacket {
  readonly bytes: Buffer;
  readonly messageIdAt: number;
  readonly expiryAt: number;
}

const publish = 0x30;
const property = {
  expiryInterval: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  user: 0x26,
} as const;
const maxTextBytes = 0xffff;
const maxRemainingBytes = 268_435_455;
const longestExpirySeconds = 0xffff_ffff;

/**
 * The bytes of a packet. With its properties, mqtt.js makes one in twice the time that the broker takes for it, so this is what
 * commands are not sent through it for.
 *
 * @throws RangeError for a text or a packet that is longer than MQTT allows
 */
export function encodePublish(fields: PublishFields): PublishPacket {
  const { topic, payload, properties } = fields;
  const propertiesBytes = properties === undefined ? 0 : sizeOfProperties(properties, payload.contentType);
  const remainingBytes =
    textSize(topic) +
    2 +
    (properties === undefined ? 0 : lengthSize(propertiesBytes) + propertiesBytes) +
    payload.bytes.length;
  if (remainingBytes > maxRemainingBytes) {
    throw new RangeError(`the message has ${remainingBytes} bytes, MQTT allows ${maxRemainingBytes}`);
  }
  const bytes = Buffer.allocUnsafe(1 + lengthSize(remainingBytes) + remainingBytes);
  bytes[0] = publish | (fields.qos << 1) | (fields.retain ? 1 : 0);
  let at = writeLength(bytes, 1, remainingBytes);
  at = writeText(bytes, at, topic);
  const messageIdAt = at;
  at += 2;
  let expiryAt = 0;
  if (properties !== undefined) {
    at = writeLength(bytes, at, propertiesBytes);
    if (properties.expires) {
      bytes[at] = property.expiryInterval;
      expiryAt = at + 1;
      at += 5;
    }
    at = writeProperty(bytes, at, property.contentType, payload.contentType);
    at = writeProperty(bytes, at, property.correlationData, properties.correlationData);
    if (properties.responseTopic !== undefined) {
      at = writeProperty(bytes, at, property.responseTopic, properties.responseTopic);
    }
    for (const [name, value] of properties.userProperties) {
      at = writeText(bytes, writeProperty(bytes, at, property.user, name), value);
    }
  }
  bytes.set(payload.bytes, at);
  return { bytes, messageIdAt, expiryAt };
}

/** Names the packet on its connection, from 1 to 65,535. */
export function setMessageId({ bytes, messageIdAt }: PublishPacket, messageId: number): void {
  bytes.writeUInt16BE(messageId, messageIdAt);
}

/**
 * How long the broker may keep it: whole seconds, rounded down so that none is delivered after its time, but never 0, which
 * mosquitto takes as "never".
 */
export function setExpiry({ bytes, expiryAt }: PublishPacket, remainingMs: number): void {
  if (expiryAt === 0) return;
  const seconds = Math.max(1, Math.min(Math.floor(remainingMs / 1000), longestExpirySeconds));
  bytes.writeUInt32BE(seconds, expiryAt);
}

function sizeOfProperties(properties: PublishProperties, contentType: string): number {
  const { correlationData, responseTopic, userProperties, expires } = properties;
  let size = (expires ? 5 : 0) + 1 + textSize(contentType) + 1 + textSize(correlationData);
  if (responseTopic !== undefined) size += 1 + textSize(responseTopic);
  for (const [name, value] of userProperties) size += 1 + textSize(name) + textSize(value);
  return size;
}

function textSize(text: string): number {
  const size = Buffer.byteLength(text);
  if (size > maxTextBytes) throw new RangeError(`a text has ${size} bytes, MQTT allows ${maxTextBytes}`);
  return 2 + size;
}

/** Size of a "variable byte integer" (MQTT 5.0, section 1.5.5). */
function lengthSize(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  return length < 0x20_0000 ? 3 : 4;
}

function writeLength(bytes: Buffer, at: number, length: number): number {
  let position = at;
  let rest = length;
  for (; rest >= 0x80; rest >>= 7) bytes[position++] = (rest & 0x7f) | 0x80;
  bytes[position++] = rest;
  return position;
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const size = bytes.write(text, at + 2);
  bytes.writeUInt16BE(size, at);
  return at + 2 + size;
}

function writeProperty(bytes: Buffer, at: number, identifier: number, text: string): number {
  bytes[at] = identifier;
  return writeText(bytes, at + 1, text);
}
