import { listenForInterruption, reportError } from '@preservarium/command-line';
import { createLogger, startProcessTelemetry } from '@preservarium/command-line/service';
import { readOptions } from './read-options.js';
import { serve } from './serve.js';

const name = 'gateway';

/**
 * The program, from its command line to its exit code: serves until SIGTERM, Ctrl-C or a failure. Logs go to stdout; what ended it in
 * failure, to stderr, in one line.
 */
export async function runGateway(): Promise<never> {
  const { signal: interruption } = listenForInterruption();
  let exitCode = 0;
  try {
    const options = readOptions(process.argv.slice(2));
    const logger = createLogger(name, options.gateway.LOG_LEVEL);
    await using telemetry = await startProcessTelemetry(name, logger);
    await serve({ options, logger, interruption, serveMetrics: telemetry.serveMetrics });
  } catch (error) {
    exitCode = reportError(name, error);
  }
  // A resource that a client left open must not keep the process alive.
  process.exit(exitCode);
}
