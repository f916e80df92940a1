import { echoNumber } from './coap-echo-option.js';
import type { ExchangeOutcome } from './coap-exchange-outcome.js';
import type { CoapPeers } from './coap-peers.js';

type CoapExchange = CoapPeers['exchange'];

/**
 * Returns an exchange that sends a request once more where the device answers 4.01 with an Echo option: it has not acted, and wants to
 * see by the option that the request is fresh (RFC 9175, section 2.3).
 */
export function withEcho(exchange: CoapExchange): CoapExchange {
  return async (request, limits) => {
    const outcome = await exchange(request, limits);
    const echo = askedEcho(outcome);
    if (echo === undefined) return outcome;
    const option: object = { [echoNumber]: echo };
    return exchange({ ...request, options: { ...request.options, ...option } }, limits);
  };
}

function askedEcho(outcome: ExchangeOutcome | undefined): Buffer | undefined {
  return outcome?.kind === 'answered' && outcome.answer.code === '4.01' ? outcome.answer.echo : undefined;
}
