import { ClosedError } from '@preservarium/core';
import {
  type ConnectorPort,
  createInFlightDeliveries,
  type Deliverer,
  type DeviceReport,
} from '@preservarium/deliverer';
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
  const deliveries = createInFlightDeliveries();
  let state: 'created' | 'started' | 'closed' = 'created';
  let pollServer: PollServer | undefined;
  let connector: ConnectorPort | undefined;
  let closed: Promise<void> | undefined;

  async function close(timeoutMs: number): Promise<void> {
    await deliveries.drain(timeoutMs);
    peers.close();
    await pollServer?.close();
  }

  return {
    protocol: 'coap',
    async start(port) {
      connector = port;
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
      const report = async (said: DeviceReport) => connector?.report(said);
      const means = { settings: complete, peers, pollServer, report, closing: deliveries.closing };
      return deliveries.track(deliver(command, context, means));
    },
    isReady: () => state === 'started' && pollServer?.isListening() !== false,
    close({ timeoutMs }) {
      state = 'closed';
      closed ??= close(timeoutMs);
      return closed;
    },
  };
}
