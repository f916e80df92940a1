import type { ExchangeOutcome } from './coap-exchange-outcome.js';
import type { CoapPeers } from './coap-peers.js';
import { type CoapRequest, maxBlockBytes } from './coap-request.js';

type CoapExchange = CoapPeers['exchange'];

/**
 * Returns an exchange that sends a request once more, in smaller blocks, where the device answers 4.13 and names a smaller size: it has not
 * acted, and has no room for larger ones (RFC 7959, section 2.9.3).
 */
export function withSmallerBlocks(exchange: CoapExchange): CoapExchange {
  return async (request, limits) => {
    const outcome = await exchange(request, limits);
    const exponent = smallerExponent(request, outcome);
    if (exponent === undefined) return outcome;
    return exchange({ ...request, options: { ...request.options, Block1: Buffer.of(exponent) } }, limits);
  };
}

function smallerExponent(request: CoapRequest, outcome: ExchangeOutcome | undefined): number | undefined {
  if (outcome?.kind !== 'answered' || outcome.answer.code !== '4.13') return undefined;
  const { blockExponent } = outcome.answer;
  if (blockExponent === undefined) return undefined;
  const sentBytes = Math.min(request.payload.length, maxBlockBytes);
  return 2 ** (blockExponent + 4) < sentBytes ? blockExponent : undefined;
}
