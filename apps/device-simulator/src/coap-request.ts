import type { Agent, IncomingMessage } from 'coap';

export interface CoapRequestOptions {
  readonly host: string;
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: readonly string[];
  readonly payload?: string;
}

/** Longer than a server holds back its answer, and long enough for a repetition or two. */
const timeoutMs = 8_000;

/** Sends a request and resolves with its answer; with undefined when none came in time or the signal aborted. */
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
