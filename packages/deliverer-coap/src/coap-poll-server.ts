import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TimeLimit } from '@preservarium/concurrency';
import { type CommandMessage, ConfigurationError } from '@preservarium/core';
import type {
  ConnectorPort,
  DeliveryContext,
  DeliveryResult,
  DevicePayload,
  ObstacleToSending,
} from '@preservarium/deliverer';
import { type IncomingMessage, ObserveWriteStream, type OutgoingMessage, Server } from 'coap';
import { toCommandAnswer } from './coap-command-answer.js';
import { internalError, judgeDatagram, type Verdict } from './coap-datagram-filter.js';
import { keepBytesAlone, maxKeptAnswerBytes } from './coap-kept-answers.js';
import { createPolling, holdMs, type Polling } from './coap-polling.js';
import { refuseRegistration, respondUnauthorized } from './coap-responses.js';
import { isAdmitted, type TokensOfDevice } from './coap-tokens.js';
import { createVerifiedEndpoints, type VerifiedEndpoints } from './coap-verified-endpoints.js';
import type { CompleteCoapListenOptions } from './deliverer-options.js';

interface PolledDelivery {
  readonly command: CommandMessage;
  readonly payload: DevicePayload;
  readonly context: Pick<DeliveryContext, 'mayBeRepeat' | 'sequence'>;
  /** Returns why nothing of the command may be sent now. */
  readonly obstacle: () => ObstacleToSending | undefined;
  readonly limit: TimeLimit;
}

/** Answers the devices that ask for their commands. */
export interface PollServer {
  /**
   * Sends the command to its device, if that has a request open or observes, and resolves with what it says; with `undefined`
   * at the end of the time limit.
   *
   * @throws ValidationError when the command cannot be sent so
   */
  deliver(delivery: PolledDelivery): Promise<DeliveryResult | undefined>;
  isListening(): boolean;
  /** Answers every request that is open, and stops listening. */
  close(): Promise<void>;
}

/** About 20 MB. An endpoint that is forgotten is asked for an Echo again. */
const maxVerifiedEndpoints = 100_000;

/** Resolves once it listens. Rejects with `CONFIGURATION_INVALID` where it cannot. */
export async function createPollServer(
  { host, port, maxDevices, tokens }: CompleteCoapListenOptions,
  connector: ConnectorPort,
): Promise<PollServer> {
  const socket = await bind(host, port);
  const polling = createPolling(connector, { maxDevices });
  // Within this time the answer and the acknowledgement of the request are one message, which need not be repeated.
  const server = new Server({ piggybackReplyMs: holdMs + 500, cacheSize: maxKeptAnswerBytes });
  keepBytesAlone(server);
  server.on('request', handler(polling, tokens));
  server.listen(socket);
  filter(socket, server, createVerifiedEndpoints({ maxEndpoints: maxVerifiedEndpoints }));
  let isListening = true;
  // The socket is not to be relied on any more: the process says that it is not ready, and is started anew.
  server.on('error', () => {
    isListening = false;
  });

  return {
    async deliver({ command, payload, context, obstacle, limit }) {
      const answer = toCommandAnswer(command, payload, context);
      return polling.deliver(command.deviceId, { answer, obstacle }, limit);
    },
    isListening: () => isListening,
    async close() {
      isListening = false;
      polling.close();
      // The answers are handed to the system in this turn of the event loop.
      await nextTurn();
      server.close();
      socket.close();
    },
  };
}

async function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    return socket;
  } catch (cause) {
    socket.close();
    throw new ConfigurationError(
      `listen: cannot take UDP port ${port} of ${host}: ${String(cause)}; choose another, for example 5683 of 0.0.0.0`,
      { cause },
    );
  }
}

/** Puts the filter before node-coap's server. */
function filter(socket: Socket, server: Server, verified: VerifiedEndpoints): void {
  const accept = server.handleRequest();
  socket.removeAllListeners('message');
  socket.on('message', (datagram, peer) => {
    let verdict: Verdict = judgeDatagram(datagram, peer, verified);
    if (verdict.kind === 'accept') {
      try {
        accept(datagram, peer);
      } catch {
        // Said to the device, which is the only one who can do anything about its request.
        verdict = internalError(datagram);
      }
    }
    if (verdict.kind === 'reply') socket.send(verdict.bytes, peer.port, peer.address);
  });
}

function handler(
  polling: Polling,
  tokens: TokensOfDevice | undefined,
): (request: IncomingMessage, response: unknown) => void {
  return (request, response) => {
    const isRefused = tokens !== undefined && !isAdmitted(request, tokens);
    if (response instanceof ObserveWriteStream) {
      if (isRefused) refuseRegistration(response, '4.01');
      else polling.observe(request, response);
    } else if (isRefused) respondUnauthorized(response as OutgoingMessage);
    else polling.answer(request, response as OutgoingMessage);
  };
}
