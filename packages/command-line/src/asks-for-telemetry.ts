type Environment = Readonly<Record<string, string | undefined>>;

/** Whether `OTEL_SDK_DISABLED` turns off all telemetry. */
export function isTelemetryDisabled(environment: Environment = process.env): boolean {
  return environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true';
}

/** Whether the variables of OpenTelemetry say that traces, or metrics, are to be sent somewhere. */
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
