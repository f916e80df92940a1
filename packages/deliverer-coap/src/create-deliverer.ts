import { timerDelay } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import type { Deliverer, DeliveryResult } from '@preservarium/deliverer';
import { createPeers } from './coap-peers.js';
import { createPollServer, type PollServer } from './coap-poll-server.js';
import { deliver } from './deliver.js';
import { type CoapDelivererOptions, readOptions } from './deliverer-options.js';

/**
 * Delivers commands over CoAP (RFC 7252): pushes them to the devices that the directory knows, and answers those that poll.
 *
 * ```ts
 * createCoapDeliverer({ directory: directoryFromTemplate('coap://{deviceId}.devices.example'), listen: { port: 5683 } })
 * ```
 *
 * @throws ConfigurationError when a setting cannot work
 */
export function createCoapDeliverer(settings: CoapDelivererOptions): Deliverer {
  const complete = readOptions(settings);
  const peers = createPeers();
  const closing = new AbortController();
  const underWay = new Set<Promise<DeliveryResult>>();
  let state: 'created' | 'started' | 'closed' = 'created';
  let pollServer: PollServer | undefined;
  let closed: Promise<void> | undefined;

  async function close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => closing.abort(), timerDelay(timeoutMs));
    await Promise.allSettled(underWay);
    clearTimeout(timer);
    peers.close();
    await pollServer?.close();
  }

  return {
    protocol: 'coap',
    async start(port) {
      if (complete.listen !== undefined && state === 'created') {
        pollServer = await createPollServer(complete.listen, port);
      }
      if (state === 'closed') {
        await pollServer?.close();
        throw new ClosedError('the CoAP deliverer');
      }
      state = 'started';
    },
    async deliver(command, context) {
      if (state !== 'started') {
        return { kind: 'retryable', reason: `the CoAP deliverer is ${state}`, unreachable: false };
      }
      const means = { settings: complete, peers, pollServer, closing: closing.signal };
      const delivering = deliver(command, context, means);
      underWay.add(delivering);
      try {
        return await delivering;
      } finally {
        underWay.delete(delivering);
      }
    },
    isReady: () => state === 'started' && pollServer?.isListening() !== false,
    close({ timeoutMs }) {
      state = 'closed';
      closed ??= close(timeoutMs);
      return closed;
    },
  };
}
