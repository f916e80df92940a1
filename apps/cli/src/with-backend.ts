import type { Backend } from '@preservarium/backend';
import type { EnvironmentOptions } from '@preservarium/environment';
import { createBackend } from './create-backend.js';

const closeTimeoutMs = 5_000;

/** Creates the chosen backend and closes it after use. */
export async function withBackend(
  settings: EnvironmentOptions,
  use: (backend: Backend) => Promise<void>,
): Promise<void> {
  const backend = await createBackend(settings);
  try {
    await use(backend);
  } finally {
    await backend.close({ timeoutMs: closeTimeoutMs });
  }
}
