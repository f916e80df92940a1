import type { Socket } from 'node:dgram';
import type { ObstacleToSending } from '@preservarium/deliverer';
import { Agent, type IncomingMessage } from 'coap';
import { echoOf } from './coap-echo-option.js';
import { type CoapAnswer, type ExchangeOutcome, failed, unsent, unusable } from './coap-exchange-outcome.js';
import { openPeerSocket } from './coap-peer-socket.js';
import { withoutRefusedBlock } from './coap-refused-block.js';
import type { CoapRequest } from './coap-request.js';

/** The limits of an exchange. */
export interface ExchangeLimits {
  /** Asked before each datagram of a request: returns why nothing may be sent now. */
  readonly obstacle: () => ObstacleToSending | undefined;
  readonly stop: AbortSignal;
  /** Called when the request may be sent. The time for which it waited for others to the same endpoint is not the device's. */
  readonly onTurn: () => void;
}

/** One device's server, and a socket for it alone. */
export interface CoapPeer {
  /**
   * Sends a request and resolves with its answer, with the first obstacle, or with undefined as soon as `stop` aborts; it is not repeated
   * after that. One at a time.
   */
  exchange(
    request: CoapRequest,
    limits: ExchangeLimits & {
      /** Called when the peer has sent anything: a later answer is not outstanding any more (RFC 7252, section 4.7). */
      readonly onHeard: () => void;
    },
  ): Promise<ExchangeOutcome | undefined>;
  close(): void;
}

/** Limit of the bytes that a device may send in answer to one request, blocks and repetitions together. */
const maxAnswerBytes = 1024 * 1024;

/**
 * A socket for each peer, because node-coap finds the request that a message answers by its 16-bit id, whichever peer sent it.
 *
 * @param onFault called when the socket fails while no exchange is in flight
 */
export async function openPeer(
  address: Pick<CoapRequest, 'host' | 'port'>,
  onFault: () => void,
): Promise<CoapPeer> {
  const socket = await openPeerSocket(address, mayRequest);
  const agent = new Agent({ socket });
  let end: ((outcome: ExchangeOutcome | undefined) => void) | undefined;
  let findObstacle: ExchangeLimits['obstacle'] | undefined;
  let heard: (() => void) | undefined;
  let receivedBytes = 0;
  let blockExponent: number | undefined;

  /** Also asked before a retransmission. */
  function mayRequest(): boolean {
    const obstacle = findObstacle?.();
    if (obstacle !== undefined) end?.({ ...obstacle, kind: 'failed' });
    return obstacle === undefined;
  }

  agent.on('error', (error) => (end === undefined ? onFault() : end(failed(error))));
  guardMessages(socket, {
    before(bytes) {
      heard?.();
      receivedBytes += bytes.length;
      if (receivedBytes > maxAnswerBytes) throw new Error('more than a device may say');
      const refused = withoutRefusedBlock(bytes);
      blockExponent = refused?.sizeExponent;
      return refused?.datagram ?? bytes;
    },
    onError: (error) =>
      end === undefined ? onFault() : end(unusable(`the answer cannot be used: ${error}`)),
  });

  return {
    exchange(request, { obstacle, stop, onHeard }) {
      const { promise, resolve } = Promise.withResolvers<ExchangeOutcome | undefined>();
      const giveUp = () => resolve(undefined);
      receivedBytes = 0;
      end = resolve;
      findObstacle = obstacle;
      heard = onHeard;
      stop.addEventListener('abort', giveUp);
      const outgoing = agent.request(request);
      outgoing.on('error', (error) => resolve(unsent(error)));
      outgoing.on('response', (response: IncomingMessage) =>
        resolve({ kind: 'answered', answer: toAnswer(response, blockExponent) }),
      );
      outgoing.end(request.payload);
      return promise.finally(() => {
        end = undefined;
        findObstacle = undefined;
        heard = undefined;
        stop.removeEventListener('abort', giveUp);
        agent.abort(outgoing);
      });
    },
    close: () => void socket.close(),
  };
}

/** node-coap throws at some malformed answers, from within the socket's event, and takes blocks without end. */
function guardMessages(
  socket: Socket,
  guard: {
    /** Returns the datagram that node-coap gets. */
    before(bytes: Buffer): Buffer;
    onError(error: unknown): void;
  },
): void {
  const handlers = socket.listeners('message');
  socket.removeAllListeners('message');
  socket.on('message', (bytes, ...from) => {
    try {
      const datagram = guard.before(bytes);
      for (const handle of handlers) handle.apply(socket, [datagram, ...from]);
    } catch (error) {
      guard.onError(error);
    }
  });
}

function toAnswer(response: IncomingMessage, blockExponent: number | undefined): CoapAnswer {
  const { code, headers, payload } = response;
  const echo = echoOf(response._packet.options);
  const contentType = headers['Content-Format'];
  const maxAge = headers['Max-Age'];
  return {
    code,
    contentType: typeof contentType === 'string' || typeof contentType === 'number' ? contentType : undefined,
    maxAgeSeconds: typeof maxAge === 'number' ? maxAge : undefined,
    ...(echo !== undefined && { echo }),
    ...(blockExponent !== undefined && { blockExponent }),
    payload,
  };
}
