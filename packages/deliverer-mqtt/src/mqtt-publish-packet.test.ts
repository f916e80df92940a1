import fc from 'fast-check';
import { type Packet, parser } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { encodePublish, setExpiry, setMessageId } from './mqtt-publish-packet.js';

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  .filter((value) => !/[\0+#]/.test(value));
const fields = fc.record({
  topic: text,
  payload: fc.record({
    bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    contentType: text,
  }),
  qos: fc.constantFrom(1, 2),
  retain: fc.boolean(),
});
const properties = fc.record({
  correlationData: text,
  responseTopic: fc.option(text, { nil: undefined }),
  userProperties: fc.uniqueArray(fc.tuple(text, text), { maxLength: 4, selector: ([name]) => name }),
  expires: fc.boolean(),
});
const messageIds = fc.integer({ min: 1, max: 65_535 });

describe('mqtt-packet reads from the bytes what was written', () => {
  test('MQTT 5', () => {
    fc.assert(
      fc.property(fields, properties, messageIds, (message, more, messageId) => {
        const packet = encodePublish({ ...message, properties: more });
        setMessageId(packet, messageId);
        setExpiry(packet, 90_999);
        const { userProperties, responseTopic, correlationData, expires } = more;
        expect(parse(packet.bytes, 5)).toMatchObject({
          cmd: 'publish',
          topic: message.topic,
          payload: message.payload.bytes,
          qos: message.qos,
          retain: message.retain,
          dup: false,
          messageId,
          properties: {
            contentType: message.payload.contentType,
            correlationData: Buffer.from(correlationData),
            ...(responseTopic !== undefined && { responseTopic }),
            ...(expires && { messageExpiryInterval: 90 }),
            ...(userProperties.length > 0 && {
              userProperties: Object.assign(Object.create(null), Object.fromEntries(userProperties)),
            }),
          },
        });
      }),
    );
  });

  test('MQTT 3.1.1', () => {
    fc.assert(
      fc.property(fields, messageIds, (message, messageId) => {
        const packet = encodePublish(message);
        setMessageId(packet, messageId);
        setExpiry(packet, 90_999);
        const { topic, qos, retain, payload } = message;
        expect(parse(packet.bytes, 4)).toMatchObject({
          topic,
          payload: payload.bytes,
          qos,
          retain,
          messageId,
        });
      }),
    );
  });
});

test.each([
  [1, 1],
  [999, 1],
  [1_000, 1],
  [1_999, 1],
  [2_000, 2],
  [2 ** 32 * 1_000, 2 ** 32 - 1],
  [Number.POSITIVE_INFINITY, 2 ** 32 - 1],
])('with %i ms left, the broker may keep it for %i s', (remainingMs, seconds) => {
  const packet = encodePublish({
    topic: 'a',
    payload: { bytes: Buffer.alloc(0), contentType: 'x' },
    qos: 1,
    retain: false,
    properties: { correlationData: 'r', responseTopic: undefined, userProperties: [], expires: true },
  });
  setMessageId(packet, 1);
  setExpiry(packet, remainingMs);
  expect(parse(packet.bytes, 5)).toMatchObject({ properties: { messageExpiryInterval: seconds } });
});

test.each([0, 100, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])('a payload of %i bytes', (length) => {
  const bytes = Buffer.alloc(length, 7);
  const packet = encodePublish({ topic: 'a', payload: { bytes, contentType: '' }, qos: 1, retain: false });
  setMessageId(packet, 1);
  const read = parse(packet.bytes, 4);
  expect(read?.cmd === 'publish' && bytes.equals(Buffer.from(read.payload))).toBe(true);
});

test('what is longer than MQTT allows is refused', () => {
  const short = { bytes: Buffer.alloc(0), contentType: 'x' };
  const message = { topic: 'a', payload: short, qos: 1, retain: false } as const;
  expect(() => encodePublish({ ...message, topic: 'ü'.repeat(32_768) })).toThrow(RangeError);
  const payload = { bytes: Buffer.allocUnsafe(268_435_456), contentType: 'x' };
  expect(() => encodePublish({ ...message, payload })).toThrow(RangeError);
});

function parse(bytes: Buffer, protocolVersion: 4 | 5): Packet | undefined {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet) => packets.push(packet));
  reader.on('error', (error) => expect.fail(String(error)));
  reader.parse(bytes);
  expect(packets).toHaveLength(1);
  return packets[0];
}
