import { generate, type ParsedPacket, parse } from 'coap-packet';

/** Largest datagram of a device: a message of the size that RFC 7252 recommends, section 4.6, and a margin. */
const maxDatagramBytes = 1_500;
const maxTokenBytes = 8;

export type Verdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reply'; readonly bytes: Buffer };

/**
 * Decides which datagrams reach node-coap's server. It collects the blocks of a large request without a bound, answers its own
 * failures to the wrong host, and stops the program at a datagram from port 0: all of this ends here.
 */
export function judgeDatagram(datagram: Buffer, fromPort: number): Verdict {
  const packet = parsePacket(datagram);
  if (packet === undefined || fromPort === 0 || packet.token.length > maxTokenBytes) return { kind: 'drop' };
  if (packet.code === '0.00') return packet.confirmable ? reset(packet) : { kind: 'accept' };
  if (packet.ack || packet.reset || !packet.code.startsWith('0.')) return { kind: 'drop' };
  if (packet.code !== '0.01' && packet.code !== '0.02') return refuse(packet, '4.05');
  if (datagram.length > maxDatagramBytes || isInBlocks(packet)) return refuse(packet, '4.13');
  if (packet.code === '0.02' && optionOf(packet, 'Observe') !== undefined) return refuse(packet, '4.02');
  return { kind: 'accept' };
}

/** The answer for a request that could not be handled. */
export function internalError(datagram: Buffer): Verdict {
  const packet = parsePacket(datagram);
  return packet === undefined ? { kind: 'drop' } : refuse(packet, '5.00');
}

function parsePacket(datagram: Buffer): ParsedPacket | undefined {
  try {
    return parse(datagram);
  } catch {
    // Anybody can send anything to a UDP port; what is not CoAP is passed over (RFC 7252, section 4.3).
    return undefined;
  }
}

/** A body of several blocks; one that fits into its first and only block is as good as one without. */
function isInBlocks(packet: ParsedPacket): boolean {
  const block = optionOf(packet, 'Block1');
  return block !== undefined && (block.length !== 1 || ((block[0] ?? 0) & 0xf8) !== 0);
}

function optionOf(packet: ParsedPacket, name: string): Buffer | undefined {
  return packet.options.find((option) => option.name === name)?.value;
}

/** The answer to a ping (RFC 7252, section 4.3). */
function reset({ messageId }: ParsedPacket): Verdict {
  return { kind: 'reply', bytes: generate({ code: '0.00', reset: true, messageId }) };
}

function refuse({ messageId, token, confirmable }: ParsedPacket, code: string): Verdict {
  return { kind: 'reply', bytes: generate({ code, messageId, token, ack: confirmable }) };
}
