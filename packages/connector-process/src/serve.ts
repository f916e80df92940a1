import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Logger } from '@preservarium/backend';
import { createBackend } from '@preservarium/command-line';
import { type Connector, type ConnectorOptions, runConnector } from '@preservarium/connector';
import type { Deliverer } from '@preservarium/deliverer';
import type { Variables } from '@preservarium/environment';
import { meterConnector, traceConnector } from '@preservarium/telemetry';
import { startHealthServer } from './health-server.js';
import { openSettings } from './open-settings.js';
import { openSignatures } from './open-signatures.js';
import type { ProcessOptions } from './read-options.js';
import { readTopicConfigs } from './read-topic-configs.js';
import { createReports } from './reports.js';
import { toConnectorOptions } from './to-connector-options.js';

export interface ServeOptions {
  readonly settings: ProcessOptions<Variables>;
  readonly deliverer: Deliverer;
  readonly logger: Logger;
  /** Asks it to stop. */
  readonly interruption: AbortSignal;
  /** Answers with the metrics, if there are any. */
  readonly serveMetrics: RequestListener | undefined;
}

/** Runs the connector. Resolves after an orderly stop, which the signal asks for; rejects with what made it fail. */
export async function serve(options: ServeOptions): Promise<void> {
  const { settings, deliverer, logger, interruption, serveMetrics } = options;
  const { HEALTH_PORT, HEALTH_HOST: host, CONNECTOR_SHUTDOWN_TIMEOUT_MS: timeoutMs } = settings.connector;
  const signatures = openSignatures(settings, logger);
  let connector: Connector | undefined;
  let failure: unknown;
  const reports = createReports(deliverer, () => ({ connector, failure }));
  await using health = await startHealthServer({ port: HEALTH_PORT, host, reports, serveMetrics });
  const backend = await createBackend({ ...settings.kafka, logger });
  const { brokers, commandTopic } = settings.kafka;
  logger.info({ backend: backend.name, brokers, commandTopic, healthPort: health.port }, 'starting');
  const traced = traceConnector(
    toConnectorOptions(settings, {
      backend,
      deliverer,
      logger,
      ...signatures,
      topicConfigs: readTopicConfigs(settings.kafka),
    }),
  );
  const endMetering = meterConnector(() => connector, traced);
  try {
    connector = await start(settings, traced, interruption);
    logger.info(connector.status(), 'taking commands');
    if (!interruption.aborted) await Promise.race([connector.closed, once(interruption, 'abort')]);
    logger.info(connector.status(), 'stopping');
  } catch (error) {
    if (connector === undefined && interruption.aborted) return;
    failure = error;
    throw error;
  } finally {
    await connector?.close({ timeoutMs });
    endMetering();
    logger.info({}, 'stopped');
  }
}

/** Starts the connector; the signal breaks that off, and there is nothing to finish then. */
async function start(
  settings: ProcessOptions<Variables>,
  parts: ConnectorOptions,
  interruption: AbortSignal,
): Promise<Connector> {
  const { backend, deliverer } = parts;
  const breakOff = () =>
    void Promise.all([backend.close({ timeoutMs: 0 }), deliverer.close({ timeoutMs: 0 })]);
  interruption.addEventListener('abort', breakOff);
  try {
    return await runConnector({ ...parts, ...(await openSettings(settings, parts)) });
  } finally {
    interruption.removeEventListener('abort', breakOff);
  }
}
