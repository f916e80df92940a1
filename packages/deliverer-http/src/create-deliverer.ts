import { ClosedError } from '@preservarium/core';
import {
  type ConnectorPort,
  createInFlightDeliveries,
  type Deliverer,
  type DeviceReport,
} from '@preservarium/deliverer';
import { deliver } from './deliver.js';
import { type HttpDelivererOptions, readOptions } from './deliverer-options.js';
import { createPools } from './http-pools.js';
import { createReportServer, type ReportServer } from './http-report-server.js';

/**
 * Delivers commands by HTTP/1.1 requests to devices or their gateways. Connections are made when a command needs them.
 *
 * @throws ConfigurationError when a setting cannot work
 */
export function createHttpDeliverer(settings: HttpDelivererOptions): Deliverer {
  const complete = readOptions(settings);
  const pools = createPools(complete);
  const deliveries = createInFlightDeliveries();
  let connector: ConnectorPort | undefined;
  const means = {
    settings: complete,
    pools,
    closing: deliveries.closing,
    report: async (said: DeviceReport) => connector?.report(said),
  };
  let state: 'created' | 'started' | 'closed' = 'created';
  let reportServer: ReportServer | undefined;
  let closed: Promise<void> | undefined;

  async function close(timeoutMs: number): Promise<void> {
    await deliveries.drain(timeoutMs);
    await reportServer?.close();
    await pools.destroy();
  }

  return {
    protocol: 'http',
    async start(port) {
      connector = port;
      if (complete.listen !== undefined && state === 'created') {
        reportServer = await createReportServer(complete.listen, port);
      }
      if (state === 'closed') {
        await reportServer?.close();
        throw new ClosedError('the HTTP deliverer');
      }
      state = 'started';
    },
    async deliver(command, context) {
      if (state === 'closed') {
        return { kind: 'retryable', reason: 'the HTTP deliverer is closed', unreachable: false };
      }
      return deliveries.track(deliver(command, context, means));
    },
    isReady: () => state === 'started' && reportServer?.isListening() !== false,
    close({ timeoutMs }) {
      state = 'closed';
      closed ??= close(timeoutMs);
      return closed;
    },
  };
}
