import type { Socket } from 'node:dgram';
import { Agent, type IncomingMessage } from 'coap';
import { openPeerSocket } from './coap-peer-socket.js';
import type { CoapRequest } from './coap-request.js';

export type ExchangeOutcome =
  | { readonly kind: 'answered'; readonly answer: CoapAnswer }
  /** The request could not be made, and would not be another time. */
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly unreachable: boolean };

export interface CoapAnswer {
  /** For example `2.04`; `0.00` for a reset. */
  readonly code: string;
  readonly contentType: string | number | undefined;
  readonly maxAgeSeconds: number | undefined;
  readonly payload: Buffer;
}

/** What a device may send in answer to one request, blocks and repetitions together. */
const maxAnswerBytes = 1024 * 1024;

/** Faults of this host, that say nothing about the device. */
const ownFaults = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'];

/**
 * Sends a request and resolves with its answer, or with undefined as soon as `stop` aborts; nothing is sent after that. Each
 * request has a socket of its own: node-coap finds the request that a message answers by its 16-bit id, whichever peer sent it.
 */
export async function exchange(
  request: CoapRequest,
  stop: AbortSignal,
): Promise<ExchangeOutcome | undefined> {
  let socket: Socket;
  try {
    socket = await openPeerSocket(request);
  } catch (error) {
    return failed(error);
  }
  try {
    return stop.aborted ? undefined : await send(request, socket, stop);
  } finally {
    socket.close();
  }
}

function send(request: CoapRequest, socket: Socket, stop: AbortSignal): Promise<ExchangeOutcome | undefined> {
  const { promise, resolve } = Promise.withResolvers<ExchangeOutcome | undefined>();
  const agent = new Agent({ socket });
  guard(socket, resolve);
  const outgoing = agent.request(request);
  const giveUp = () => resolve(undefined);
  agent.on('error', (error) => resolve(failed(error)));
  outgoing.on('error', (error) => resolve(isOfSystem(error) ? failed(error) : unfit(error)));
  outgoing.on('response', (response: IncomingMessage) =>
    resolve({ kind: 'answered', answer: toAnswer(response) }),
  );
  stop.addEventListener('abort', giveUp);
  outgoing.end(request.payload);
  return promise.finally(() => {
    stop.removeEventListener('abort', giveUp);
    agent.abort(outgoing);
  });
}

/** node-coap throws at some malformed answers, from within the socket's event, and takes blocks without end. */
function guard(socket: Socket, resolve: (outcome: ExchangeOutcome) => void): void {
  const handlers = socket.listeners('message');
  let bytes = 0;
  socket.removeAllListeners('message');
  socket.on('message', (...message) => {
    bytes += message[0].length;
    if (bytes > maxAnswerBytes) return resolve(unusable('the device answers without end'));
    try {
      for (const handle of handlers) handle.apply(socket, message);
    } catch (error) {
      resolve(unusable(`the device answers with something that is not CoAP: ${String(error)}`));
    }
  });
}

function toAnswer({ code, headers, payload }: IncomingMessage): CoapAnswer {
  const contentType = headers['Content-Format'];
  const maxAge = headers['Max-Age'];
  return {
    code,
    contentType: typeof contentType === 'string' || typeof contentType === 'number' ? contentType : undefined,
    maxAgeSeconds: typeof maxAge === 'number' ? maxAge : undefined,
    payload,
  };
}

function failed(error: unknown): ExchangeOutcome {
  const isOwn = isOfSystem(error) && ownFaults.includes(error.code);
  return { kind: 'failed', reason: `the device cannot be reached: ${String(error)}`, unreachable: !isOwn };
}

function unusable(reason: string): ExchangeOutcome {
  return { kind: 'failed', reason, unreachable: false };
}

function unfit(error: unknown): ExchangeOutcome {
  return { kind: 'unfit', reason: `the command does not fit into a CoAP request: ${String(error)}` };
}

function isOfSystem(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
