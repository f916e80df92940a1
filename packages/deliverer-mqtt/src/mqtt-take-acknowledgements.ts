import type { Duplex } from 'node:stream';

export type OnAcknowledged = (messageId: number, reasonCode: number) => void;

/** A PUBACK without properties (MQTT 3.1.1 and 5.0, section 3.4): what nearly all of them are. */
const puback = 0x40;
/** Packet type and length, message id, reason code, length of the properties, which is 0. */
const maxPubackBytes = 6;
const reasonCodeAt = 4;
const maxLengthBytes = 4;
const nothing: Buffer = Buffer.alloc(0);

/**
 * Takes the acknowledgements out of what comes over a connection of mqtt.js, which takes as long to hand one over as the rest of a
 * delivery takes; all else goes its way. Call it where no packet has come in part.
 */
export function takeAcknowledgements(stream: Duplex, onAcknowledged: OnAcknowledged): void {
  const listeners = stream.listeners('data');
  const takeFrom = createAcknowledgementFilter(onAcknowledged);
  stream.removeAllListeners('data');
  stream.on('data', (bytes: Buffer) => {
    const left = takeFrom(bytes);
    if (left.length > 0) for (const listener of listeners) listener.call(stream, left);
  });
}

/** Returns what is not one of these acknowledgements. A packet may come in any number of parts. */
export function createAcknowledgementFilter(onAcknowledged: OnAcknowledged): (bytes: Buffer) => Buffer {
  let incomplete = nothing;
  /** Bytes still to come of a packet that is passed on. */
  let passingBytes = 0;

  return (part) => {
    const bytes = incomplete.length === 0 ? part : Buffer.concat([incomplete, part]);
    const passed: Buffer[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (passingBytes === 0) {
        const size = packetSize(bytes, at);
        if (size === undefined) break;
        if (bytes[at] !== puback || size > maxPubackBytes) {
          passingBytes = size;
        } else {
          if (at + size > bytes.length) break;
          onAcknowledged(
            bytes.readUInt16BE(at + 2),
            size > reasonCodeAt ? bytes.readUInt8(at + reasonCodeAt) : 0,
          );
          at += size;
          continue;
        }
      }
      const passing = bytes.subarray(at, at + passingBytes);
      passed.push(passing);
      passingBytes -= passing.length;
      at += passing.length;
    }
    incomplete = bytes.subarray(at);
    return passed.length === 0
      ? nothing
      : passed.length === 1
        ? (passed[0] as Buffer)
        : Buffer.concat(passed);
  };
}

/** Of the packet that begins there; undefined where its length has not come yet. Data that is no packet counts as a packet that never ends. */
function packetSize(bytes: Buffer, at: number): number | undefined {
  let remaining = 0;
  for (let position = 0; position < maxLengthBytes; position++) {
    const byte = bytes[at + 1 + position];
    if (byte === undefined) return undefined;
    remaining += (byte & 0x7f) * 0x80 ** position;
    if (byte < 0x80) return 1 + position + 1 + remaining;
  }
  return Number.POSITIVE_INFINITY;
}
