import { createBackend } from '@preservarium/command-line';
import type { Backend } from '@preservarium/publisher';
import type { EnvironmentSettings } from '@preservarium/publisher/environment';

const closeTimeoutMs = 5_000;

/** Creates the chosen backend, and closes it after use. */
export async function withBackend(
  settings: EnvironmentSettings,
  use: (backend: Backend) => Promise<void>,
): Promise<void> {
  const backend = await createBackend(settings);
  try {
    await use(backend);
  } finally {
    await backend.close({ timeoutMs: closeTimeoutMs });
  }
}
