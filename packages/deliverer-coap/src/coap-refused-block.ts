import { generate, type Packet, parse } from 'coap-packet';
import { decodeBlock } from './coap-block.js';

/** An answer that ends a transfer in blocks, as node-coap takes it. */
export interface RefusedBlock {
  readonly datagram: Buffer;
  /** Exponent of the block size that the answer names: 0 for 16 bytes, 6 for 1,024. */
  readonly sizeExponent: number | undefined;
}

/**
 * Takes the Block1 option from an answer with an error: node-coap would go on to the next block, although the device has refused them all
 * (RFC 7959, section 2.9). Returns undefined for any other datagram.
 *
 * @throws Error for what is not CoAP
 */
export function withoutRefusedBlock(datagram: Buffer): RefusedBlock | undefined {
  const codeClass = (datagram[1] ?? 0) >> 5;
  if (codeClass !== 4 && codeClass !== 5) return undefined;
  const packet = parse(datagram);
  const option = packet.options.find(({ name }) => name === 'Block1');
  if (option === undefined) return undefined;
  const block = decodeBlock(option.value);
  const options = packet.options.filter((other) => other !== option);
  return {
    datagram: generate({ ...packet, options: options as NonNullable<Packet['options']> }),
    sizeExponent: block && Math.log2(block.sizeBytes) - 4,
  };
}
