import type { Backend } from '@preservarium/backend';
import { createBackend as createPlainBackend } from '@preservarium/command-line';
import type { EnvironmentOptions } from '@preservarium/environment';
import { traceBackend } from '@preservarium/telemetry';

/** Creates the chosen backend; it emits traces if telemetry is on. */
export async function createBackend(settings: EnvironmentOptions): Promise<Backend> {
  return traceBackend(await createPlainBackend(settings));
}
