import { generate, type Packet, type ParsedPacket, parse } from 'coap-packet';
import { echoNumber, echoOf } from './coap-echo-option.js';
import type { VerifiedEndpoints } from './coap-verified-endpoints.js';

/** Largest datagram of a device: a message of the size that RFC 7252 recommends, section 4.6, and a margin. */
const maxDatagramBytes = 1_500;
const maxTokenBytes = 8;

export type Verdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'reply'; readonly bytes: Buffer };

/** Where a datagram came from. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * Decides which datagrams reach node-coap's server. It collects the blocks of a large request without a bound, answers its own
 * failures to the wrong host, and stops the program at a datagram from port 0: all of this ends here.
 */
export function judgeDatagram(datagram: Buffer, from: Endpoint, verified: VerifiedEndpoints): Verdict {
  const packet = parsePacket(datagram);
  if (packet === undefined || from.port === 0 || packet.token.length > maxTokenBytes) return { kind: 'drop' };
  if (packet.code === '0.00') {
    if (packet.confirmable) return reset(packet);
    // node-coap would take any other empty message for a request, and answer it.
    return { kind: packet.ack ? 'accept' : 'drop' };
  }
  if (packet.ack || packet.reset || !packet.code.startsWith('0.')) return { kind: 'drop' };
  if (packet.code !== '0.01' && packet.code !== '0.02') return refuse(packet, '4.05');
  if (datagram.length > maxDatagramBytes || isInBlocks(packet)) return refuse(packet, '4.13');
  if (packet.code === '0.02' && optionOf(packet, 'Observe') !== undefined) return refuse(packet, '4.02');
  return mayBeAnswered(packet, `${from.address} ${from.port}`, verified);
}

/**
 * A request that may bring a command, which is larger, or a registration is acted on only where its endpoint has sent back an Echo value: a
 * source address alone proves nothing (RFC 9175, sections 2.4 and 2.6).
 */
function mayBeAnswered(packet: ParsedPacket, endpoint: string, verified: VerifiedEndpoints): Verdict {
  const echo = echoOf(packet.options);
  if (echo !== undefined && verified.verify(endpoint, echo)) return { kind: 'accept' };
  if (!mayBringCommand(packet) || verified.isVerified(endpoint)) return { kind: 'accept' };
  const option: unknown = { name: echoNumber, value: verified.challenge(endpoint) };
  return refuse(packet, '4.01', [option as NonNullable<Packet['options']>[number]]);
}

/** Acknowledgements and reports are answered with a few bytes. */
function mayBringCommand(packet: ParsedPacket): boolean {
  const [first] = packet.options.filter(({ name }) => name === 'Uri-Path');
  const isReport = packet.code === '0.02' && ['commands', 'settings'].includes(String(first?.value));
  return !isReport;
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

function refuse(
  { messageId, token, confirmable }: ParsedPacket,
  code: string,
  options: NonNullable<Packet['options']> = [],
): Verdict {
  return { kind: 'reply', bytes: generate({ code, messageId, token, ack: confirmable, options }) };
}
