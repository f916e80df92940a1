import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { settledWithin } from '@preservarium/concurrency';
import { asksForTelemetry } from './asks-for-telemetry.js';

export interface TelemetryOptions {
  /** Names the program where neither `OTEL_SERVICE_NAME` nor `OTEL_RESOURCE_ATTRIBUTES` does. */
  readonly serviceName: string;
  /** The readers of its metrics. */
  readonly metricReaders: NonNullable<NodeSDKConfiguration['metricReaders']>;
  /** How long the program waits at its end for what is not sent yet. Default: 5,000. */
  readonly endTimeoutMs?: number;
  /** Told what could not be sent, and why. */
  report(problem: string): void;
}

/**
 * Starts the SDK of OpenTelemetry as the variables `OTEL_*` say, and only where they ask for traces or metrics: nothing of it is
 * loaded otherwise.
 *
 * @returns sends what is left, until `endTimeoutMs` have passed, and ends it; undefined where nothing was started
 */
export async function startTelemetry({
  serviceName,
  metricReaders,
  endTimeoutMs = 5_000,
  report,
}: TelemetryOptions): Promise<(() => Promise<void>) | undefined> {
  const tracing = asksForTelemetry('TRACES');
  if (!tracing && !asksForTelemetry('METRICS')) return undefined;
  const [{ DiagLogLevel, diag }, { NodeSDK }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
  ]);
  const sdk = new NodeSDK({
    metricReaders,
    logRecordProcessors: [],
    ...(!tracing && { spanProcessors: [] }),
    ...(!isServiceNamed() && { serviceName }),
  });
  const tell = (...said: unknown[]) => report(said.map(String).join(' '));
  const logger = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  sdk.start();
  return async () => {
    const ending = sdk
      .shutdown()
      .catch((error: unknown) => report(`telemetry was not sent: ${String(error)}`));
    if (!(await settledWithin(ending, endTimeoutMs))) {
      report(`telemetry was not sent within ${endTimeoutMs} ms`);
    }
  };
}

function isServiceNamed(): boolean {
  const { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES } = process.env;
  return Boolean(OTEL_SERVICE_NAME) || /(^|,)\s*service\.name=/.test(OTEL_RESOURCE_ATTRIBUTES ?? '');
}
