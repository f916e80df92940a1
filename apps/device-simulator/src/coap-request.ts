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

/** Sends a request and resolves to the response; to undefined after 8 s without one or if the signal aborts. */
export async function requestCoap(
  agent: Agent,
  { path, payload = '', ...options }: CoapRequestOptions,
  signal: AbortSignal,
): Promise<IncomingMessage | undefined> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | undefined>();
  const request = agent.request({
    ...options,
    options: { 'Uri-Path': path.map((segment) => Buffer.from(segment)) },
  });
  const giveUp = () => resolve(undefined);
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp);
  request.on('response', resolve);
  request.on('error', giveUp);
  request.end(payload);
  const response = await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', giveUp);
  if (response === undefined) agent.abort(request);
  return response;
}
