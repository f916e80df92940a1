import type { Backend } from '@preservarium/backend';
import { asksForTelemetry, createBackend as createPlainBackend } from '@preservarium/command-line';
import type { EnvironmentOptions } from '@preservarium/environment';

/** Creates the chosen backend; it emits traces if telemetry is on, and nothing of telemetry is loaded otherwise. */
export async function createBackend(settings: EnvironmentOptions): Promise<Backend> {
  const backend = await createPlainBackend(settings);
  if (!asksForTelemetry('TRACES')) return backend;
  const { traceBackend } = await import('@preservarium/telemetry');
  return traceBackend(backend);
}
