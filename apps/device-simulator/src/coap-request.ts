import type { Agent, IncomingMessage } from 'coap';

export interface CoapRequestOptions {
  readonly host: string;
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: readonly string[];
  readonly payload?: string;
}

/** Long enough for a delayed answer of the server and two retransmissions. */
const timeoutMs = 8_000;

/** The number of the option Echo (RFC 9175), for which node-coap has no name. */
const echoNumber = '252';

/**
 * Sends a request and resolves to the response; to undefined after 8 s without one or if the signal aborts. A server that asks for an Echo
 * gets the request once more with it.
 */
export async function requestCoap(
  agent: Agent,
  options: CoapRequestOptions,
  signal: AbortSignal,
): Promise<IncomingMessage | undefined> {
  const response = await request(agent, options, signal);
  const echo = response?._packet.options?.find(({ name }) => String(name) === echoNumber)?.value;
  return response?.code === '4.01' && echo
    ? request(agent, options, signal, { [echoNumber]: echo })
    : response;
}

async function request(
  agent: Agent,
  { path, payload = '', ...options }: CoapRequestOptions,
  signal: AbortSignal,
  further: object = {},
): Promise<IncomingMessage | undefined> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | undefined>();
  const outgoing = agent.request({
    ...options,
    options: { 'Uri-Path': path.map((segment) => Buffer.from(segment)), ...further },
  });
  const giveUp = () => resolve(undefined);
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp);
  outgoing.on('response', resolve);
  outgoing.on('error', giveUp);
  outgoing.end(payload);
  const response = await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', giveUp);
  if (response === undefined) agent.abort(outgoing);
  return response;
}
