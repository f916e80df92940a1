import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Logger } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { ConfigurationError } from '@preservarium/core';
import { createGateway } from '../create-gateway.js';
import type { GatewayApp } from '../http/app.js';
import { openParts } from './open-parts.js';
import type { GatewayOptions } from './read-options.js';

/** A tenth of the connections: the callers of one key cannot take all of them. */
const openRequests = 1_000;

export interface ServeOptions {
  readonly options: GatewayOptions;
  readonly logger: Logger;
  /** Asks it to stop. */
  readonly interruption: AbortSignal;
  /** Answers with the metrics, if there are any. */
  readonly serveMetrics: RequestListener | undefined;
}

/** Serves the API. Resolves after an orderly stop, which the signal asks for; rejects with what made it fail. */
export async function serve({ options, logger, interruption, serveMetrics }: ServeOptions): Promise<void> {
  const { gateway } = options;
  logger.info({ brokers: options.kafka.brokers, backend: options.kafka.backend }, 'starting');
  const stopping = new AbortController();
  await using parts = await openParts(options, { logger, stopping: stopping.signal });
  const app = createGateway(
    { ...parts, serveMetrics },
    {
      maxBodyBytes: gateway.GATEWAY_MAX_BODY_BYTES,
      maxConnections: gateway.GATEWAY_MAX_CONNECTIONS,
      origins: gateway.CORS_ORIGINS,
      requestsPerSecond: gateway.GATEWAY_REQUESTS_PER_SECOND,
      openRequests,
      pushTimeoutMs: gateway.GATEWAY_PUSH_TIMEOUT_MS,
    },
  );
  const url = await listen(app, gateway);
  logger.info({ url }, 'serving');
  try {
    if (!interruption.aborted) await Promise.race([parts.failed, once(interruption, 'abort')]);
  } finally {
    logger.info({}, 'stopping');
    stopping.abort();
    if (!(await settledWithin(app.close(), gateway.GATEWAY_SHUTDOWN_TIMEOUT_MS))) {
      app.server.closeAllConnections();
    }
  }
  logger.info({}, 'stopped');
}

async function listen(
  app: GatewayApp,
  { GATEWAY_HOST: host, GATEWAY_PORT: port }: GatewayOptions['gateway'],
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`GATEWAY_PORT is ${port}: ${problem}; for example GATEWAY_PORT=8001`, {
      cause,
    });
  }
}
