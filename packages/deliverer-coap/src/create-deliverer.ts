import type { Deliverer, DeliveryResult } from '@preservarium/connector';
import { ConfigurationError } from '@preservarium/core';
import { createPollServer, type PollServer } from './coap-poll-server.js';
import { deliver } from './deliver.js';
import type { CoapDelivererSettings } from './deliverer-settings.js';

const defaultTimeoutMs = 10_000;

/**
 * A deliverer that speaks CoAP (RFC 7252): it pushes to the devices that the directory knows, and answers those that poll.
 *
 * ```ts
 * createCoapDeliverer({ directory: directoryFromTemplate('coap://{deviceId}.devices.example'), listen: { port: 5683 } })
 * ```
 *
 * @throws ConfigurationError when there is neither a directory nor anything to listen on
 */
export function createCoapDeliverer(settings: CoapDelivererSettings): Deliverer {
  const { directory, listen, formatCommand, timeoutMs = defaultTimeoutMs } = settings;
  if (directory === undefined && listen === undefined) {
    throw new ConfigurationError(
      'the CoAP deliverer reaches no device; give a directory, for example directoryFromFile("devices.yaml"), or listen: { port: 5683 }',
    );
  }
  const closing = new AbortController();
  const underWay = new Set<Promise<DeliveryResult>>();
  let state: 'new' | 'started' | 'closed' = 'new';
  let pollServer: PollServer | undefined;
  let closed: Promise<void> | undefined;

  async function finish(timeoutMs: number): Promise<void> {
    state = 'closed';
    const timer = setTimeout(() => closing.abort(), timeoutMs);
    await Promise.allSettled(underWay);
    clearTimeout(timer);
    pollServer?.close();
  }

  return {
    protocol: 'coap',
    async start(port) {
      if (listen !== undefined) pollServer = await createPollServer(listen, port);
      if (state === 'closed') pollServer?.close();
      else state = 'started';
    },
    async deliver(command, context) {
      if (state !== 'started') {
        return { kind: 'retryable', reason: `the CoAP deliverer is ${state}`, unreachable: false };
      }
      const delivering = deliver(command, context, {
        directory,
        formatCommand,
        timeoutMs,
        pollServer,
        closing: closing.signal,
      });
      underWay.add(delivering);
      try {
        return await delivering;
      } finally {
        underWay.delete(delivering);
      }
    },
    isReady: () => state === 'started' && pollServer?.isListening() !== false,
    close({ timeoutMs }) {
      closed ??= finish(timeoutMs);
      return closed;
    },
  };
}
