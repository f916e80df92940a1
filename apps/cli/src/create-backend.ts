import { createBackend as createPlainBackend } from '@preservarium/command-line';
import type { Backend } from '@preservarium/publisher';
import type { EnvironmentSettings } from '@preservarium/publisher/environment';
import { traceBackend } from '@preservarium/telemetry';

/** Creates the chosen backend, whose work is traced where telemetry has been started. */
export async function createBackend(settings: EnvironmentSettings): Promise<Backend> {
  return traceBackend(await createPlainBackend(settings));
}
