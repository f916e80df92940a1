import type { CommandStore } from '@preservarium/command-store';
import type { CommandStoreHarness } from '../command-store-harness.js';

/** Runs with a new, empty store, and closes it. */
export async function withStore(
  { createPlace }: CommandStoreHarness,
  run: (store: CommandStore) => Promise<void>,
): Promise<void> {
  const open = await createPlace();
  await using store = await open();
  await run(store);
}
