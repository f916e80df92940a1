import { createHash } from 'node:crypto';
import { type CommandMessage, ValidationError } from '@preservarium/core';
import type { DeliveryContext, DevicePayload } from '@preservarium/deliverer';
import type { ObserveWriteStream, OutgoingMessage } from 'coap';
import { type CoapBlock, encodeBlock, takeBlock } from './coap-block.js';
import { contentFormatOf } from './coap-content-format.js';

/** A command as it answers the request of a device: where to acknowledge it, what it is, and its bytes. */
export interface CommandAnswer {
  readonly requestId: string;
  readonly locationPath: readonly Buffer[];
  readonly commandType: string;
  readonly contentFormat: number;
  readonly bytes: Buffer;
  /** The device may have it already. */
  readonly mayBeRepeat: boolean;
  readonly sequence: string | undefined;
}

/** Small enough to fit into a datagram with the location, and for networks that carry little at a time. */
const blockBytes = 512;
/** Path and query of the location together. */
const maxLocationBytes = 512;
const maxOptionBytes = 255;

/** @throws ValidationError when an id or the command's type is too long for CoAP, or it has no number for the content type */
export function toCommandAnswer(
  command: CommandMessage,
  payload: DevicePayload,
  { mayBeRepeat, sequence }: Pick<DeliveryContext, 'mayBeRepeat' | 'sequence'>,
): CommandAnswer {
  const { requestId, deviceId, commandType } = command;
  const locationPath = ['commands', deviceId, requestId].map((segment) => Buffer.from(segment));
  const options = [...locationPath, Buffer.from(`type=${commandType}`)];
  const totalBytes = options.reduce((sum, option) => sum + option.length, 0);
  if (totalBytes > maxLocationBytes || options.some(({ length }) => length > maxOptionBytes)) {
    const message = `deviceId, requestId and commandType must have at most ${maxOptionBytes} bytes each and about 500 together to reach a device that polls`;
    throw new ValidationError('command', [{ path: '', message }]);
  }
  const contentFormat = contentFormatOf(payload.contentType);
  return { requestId, locationPath, commandType, contentFormat, bytes: payload.bytes, mayBeRepeat, sequence };
}

/**
 * Writes all but the body, and returns the block of the body to send; undefined when it has no such block. Any device understands
 * the options: `Location-Path` is where to acknowledge, `Location-Query` has `type`, `sequence`, and `repeat` for what it may have already.
 */
export function writeCommandOptions(
  response: OutgoingMessage | ObserveWriteStream,
  answer: CommandAnswer,
  wanted: Pick<CoapBlock, 'number' | 'sizeBytes'> = { number: 0, sizeBytes: blockBytes },
): Buffer | undefined {
  const { locationPath, commandType, contentFormat, bytes, mayBeRepeat, sequence } = answer;
  const sizeBytes = Math.min(wanted.sizeBytes, blockBytes);
  const part = takeBlock(bytes, { number: (wanted.number * wanted.sizeBytes) / sizeBytes, sizeBytes });
  if (part === undefined) return undefined;
  const query = [
    `type=${commandType}`,
    ...(sequence === undefined ? [] : [`sequence=${sequence}`]),
    ...(mayBeRepeat ? ['repeat'] : []),
  ];
  const isWhole = part.block.number === 0 && !part.block.more;
  response.setOption('Location-Path', [...locationPath]);
  response.setOption(
    'Location-Query',
    query.map((text) => Buffer.from(text)),
  );
  response.setOption('Content-Format', contentFormat);
  response.setOption('Block2', isWhole ? [] : encodeBlock(part.block));
  response.setOption('ETag', entityTag(answer));
  response.setOption('Max-Age', 0);
  return part.bytes;
}

/** Tells the blocks of one command from those of another (RFC 7959, section 2.4); 8 bytes at most. */
function entityTag({ requestId }: CommandAnswer): Buffer {
  return createHash('sha256').update(requestId).digest().subarray(0, 8);
}
