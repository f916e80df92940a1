import { expect, test } from 'vitest';
import { asksForTelemetry } from './asks-for-telemetry.js';

const endpoint = 'http://collector:4318';

test.each([
  [{}, false, false],
  [{ OTEL_SERVICE_NAME: 'pusher' }, false, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, true, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false, false],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, true, false],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint }, false, true],
  [{ OTEL_TRACES_EXPORTER: 'console' }, true, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: 'none' }, true, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'True' }, false, false],
])('%j: traces %s, metrics %s', (environment, traces, metrics) => {
  expect(asksForTelemetry('TRACES', environment)).toBe(traces);
  expect(asksForTelemetry('METRICS', environment)).toBe(metrics);
});
