import type { Backend, KafkaOptions } from '@preservarium/backend';
import type { ConformanceHarness } from './harness.js';

/** Runs with a new backend and closes it, also when `run` fails. */
export async function withBackend(
  { create }: ConformanceHarness,
  run: (backend: Backend) => Promise<void>,
  settings?: Partial<KafkaOptions>,
): Promise<void> {
  const backend = create(settings);
  try {
    await run(backend);
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
}
