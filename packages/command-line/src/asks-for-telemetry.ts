type Environment = Readonly<Record<string, string | undefined>>;

/** Returns true if `OTEL_SDK_DISABLED` disables all telemetry. */
export function isTelemetryDisabled(environment: Environment = process.env): boolean {
  return environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true';
}

/** Returns true if the variables of OpenTelemetry configure an exporter for traces or for metrics. */
export function asksForTelemetry(
  signal: 'TRACES' | 'METRICS',
  environment: Environment = process.env,
): boolean {
  if (isTelemetryDisabled(environment)) return false;
  const exporters = environment[`OTEL_${signal}_EXPORTER`];
  if (exporters) return exporters !== 'none';
  return [environment.OTEL_EXPORTER_OTLP_ENDPOINT, environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]].some(
    Boolean,
  );
}
