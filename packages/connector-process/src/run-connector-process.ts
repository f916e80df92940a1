import { listenForInterruption, reportError } from '@preservarium/command-line';
import { createLogger, startProcessTelemetry } from '@preservarium/command-line/service';
import type { Variables } from '@preservarium/environment';
import { readCommandLine } from './command-line.js';
import type { ConnectorProgram } from './connector-program.js';
import { connectorVariables } from './connector-variables.js';
import { nameVariable } from './name-variable.js';
import { readOptions } from './read-options.js';
import { serve } from './serve.js';

/**
 * The program of a connector, from its command line to its exit code: reads the settings, runs the connector until SIGTERM,
 * Ctrl-C or a failure, and ends the process. Logs go to stdout; what ended it in failure, to stderr, in one line.
 */
export async function runConnectorProcess<Table extends Variables>(
  program: ConnectorProgram<Table>,
): Promise<never> {
  const { signal: interruption } = listenForInterruption();
  let exitCode = 0;
  try {
    const flags = readCommandLine(program, process.argv.slice(2));
    const settings = readOptions(program.variables, flags);
    const logger = createLogger(program.name, settings.connector.LOG_LEVEL);
    const { CONNECTOR_DELIVERY_TIMEOUT_MS: timeoutMs } = settings.connector;
    const deliverer = program.createDeliverer(settings.device, { timeoutMs, logger, flags });
    await using telemetry = await startProcessTelemetry(program.name, logger);
    await serve({ settings, deliverer, logger, interruption, serveMetrics: telemetry.serveMetrics });
  } catch (error) {
    exitCode = reportError(program.name, nameVariable(error, namedVariables(program)));
  }
  // A resource that a client left open must not keep the process alive.
  process.exit(exitCode);
}

function namedVariables<Table extends Variables>({ variables, variableOf }: ConnectorProgram<Table>) {
  return {
    variables: { ...connectorVariables, ...variables },
    variableOf: { instanceId: 'CONNECTOR_INSTANCE_ID', ...variableOf },
  };
}
