import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { createAcknowledgementFilter } from './mqtt-take-acknowledgements.js';

const version = { protocolVersion: 5 };
const messageId = fc.integer({ min: 1, max: 65_535 });
const plain = messageId.map((id): Packet => ({ cmd: 'puback', messageId: id }));
const coded = fc
  .tuple(messageId, fc.constantFrom(0x10, 0x80, 0x97))
  .map(([id, reasonCode]): Packet => ({ cmd: 'puback', messageId: id, reasonCode }));
const others = fc.oneof(
  fc.constant<Packet>({ cmd: 'pingresp' }),
  messageId.map((id): Packet => ({ cmd: 'pubcomp', messageId: id })),
  fc.tuple(messageId, fc.string({ minLength: 1, maxLength: 300 })).map(
    ([id, reasonString]): Packet => ({
      cmd: 'puback',
      messageId: id,
      reasonCode: 0x97,
      properties: { reasonString },
    }),
  ),
  fc.uint8Array({ maxLength: 400 }).map(
    (payload): Packet => ({
      cmd: 'publish',
      topic: 'x',
      payload: Buffer.from(payload),
      qos: 0,
      dup: false,
      retain: false,
    }),
  ),
);

test('however the packets are cut into parts, the plain acknowledgements are taken and the rest is left as it was', () => {
  const packets = fc.array(fc.oneof(plain, coded, others), { maxLength: 40 });
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
  fc.assert(
    fc.property(packets, cuts, (sent, lengths) => {
      const acknowledged: Packet[] = [];
      const takeFrom = createAcknowledgementFilter((id, reasonCode) =>
        acknowledged.push({ cmd: 'puback', messageId: id, ...(reasonCode > 0 && { reasonCode }) }),
      );
      const bytes = Buffer.concat(sent.map((packet) => generate(packet, version)));
      const left: Buffer[] = [];
      for (let at = 0, part = 0; at < bytes.length; part++) {
        const length = lengths[part % lengths.length] as number;
        left.push(Buffer.from(takeFrom(bytes.subarray(at, at + length))));
        at += length;
      }
      const isTaken = (packet: Packet) => packet.cmd === 'puback' && packet.properties === undefined;
      expect(acknowledged).toEqual(sent.filter(isTaken));
      const others = sent.filter((packet) => !isTaken(packet));
      expect(Buffer.concat(left)).toEqual(Buffer.concat(others.map((packet) => generate(packet, version))));
    }),
  );
});

test('what is no packet is left, all of it, for others to refuse', () => {
  const takeFrom = createAcknowledgementFilter(() => expect.unreachable());
  const noPacket = Buffer.from([0x40, 0xff, 0xff, 0xff, 0xff, 0x40, 2, 0, 1]);
  expect(takeFrom(noPacket)).toEqual(noPacket);
  expect(takeFrom(Buffer.from([0x40, 2, 0, 1]))).toEqual(Buffer.from([0x40, 2, 0, 1]));
});
