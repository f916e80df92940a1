import { timerDelay } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
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
  const closing = new AbortController();
  const means = { settings: complete, pools, closing: closing.signal };
  const underWay = new Set<Promise<unknown>>();
  let state: 'created' | 'started' | 'closed' = 'created';
  let reportServer: ReportServer | undefined;
  let closed: Promise<void> | undefined;

  async function close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => closing.abort(), timerDelay(timeoutMs));
    await Promise.all(underWay);
    clearTimeout(timer);
    closing.abort();
    await reportServer?.close();
    await pools.destroy();
  }

  return {
    protocol: 'http',
    async start(port) {
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
      const delivering = deliver(command, context, means);
      underWay.add(delivering);
      try {
        return await delivering;
      } finally {
        underWay.delete(delivering);
      }
    },
    isReady: () => state === 'started' && reportServer?.isListening() !== false,
    close({ timeoutMs }) {
      state = 'closed';
      closed ??= close(timeoutMs);
      return closed;
    },
  };
}
