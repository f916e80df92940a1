import type { RequestListener } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Logger } from '@preservarium/backend';
import { asksForTelemetry, isTelemetryDisabled } from '../asks-for-telemetry.js';
import { startTelemetry } from '../start-telemetry.js';

export interface ProcessTelemetry extends AsyncDisposable {
  /** Answers with the metrics, in the text format of Prometheus; undefined where telemetry is disabled. */
  readonly serveMetrics: RequestListener | undefined;
}

/**
 * Starts what a service's process measures and traces. Metrics wait to be fetched; traces and metrics are sent where `OTEL_*`
 * says so.
 */
export async function startProcessTelemetry(name: string, logger: Logger): Promise<ProcessTelemetry> {
  if (isTelemetryDisabled()) return { serveMetrics: undefined, async [Symbol.asyncDispose]() {} };
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const metricReaders = [prometheus, ...sendingReaders()];
  const report = (problem: string) => logger.warn({ problem }, 'telemetry');
  const endTelemetry = await startTelemetry({ serviceName: name, metricReaders, report });
  if (endTelemetry === undefined) {
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: metricReaders }));
  }
  return {
    serveMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    async [Symbol.asyncDispose]() {
      await endTelemetry?.();
    },
  };
}

function sendingReaders(): PeriodicExportingMetricReader[] {
  // They are there to be fetched anyhow.
  if (!asksForTelemetry('METRICS') || process.env.OTEL_METRICS_EXPORTER === 'prometheus') return [];
  const exportIntervalMillis = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL || 60_000);
  return [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis })];
}
