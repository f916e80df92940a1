import { openStore } from '@preservarium/command-line/application';
import type { CommandStore } from '@preservarium/command-store';
import type { LifecycleEvent } from '@preservarium/core';
import { readOptions } from '../common-options.js';
import { withBackend } from '../with-backend.js';
import { readEvents } from './read-events.js';
import { requireFile } from './require-file.js';
import type { StoreOptions } from './store-options.js';
import { readStoreUrl } from './store-url.js';

/**
 * Opens the command store, or reads the event topic if no store is named.
 *
 * @param isWanted returns whether an event of the topic is kept
 */
export async function withCommandStore(
  options: StoreOptions,
  signal: AbortSignal,
  isWanted: (event: LifecycleEvent) => boolean,
  use: (store: CommandStore) => Promise<void>,
): Promise<void> {
  const settings = readOptions(options);
  const url = readStoreUrl(options);
  if (url !== undefined) {
    requireFile(url);
    await using store = await openStore(url, settings.logger);
    await use(store);
    return;
  }
  await withBackend(settings, async (backend) => {
    const { eventTopic, commandTopic } = settings;
    const { timeout: timeoutMs } = options;
    await backend.connect({ timeoutMs, signal });
    await using store = await readEvents(backend, { eventTopic, commandTopic, timeoutMs, signal, isWanted });
    await use(store);
  });
}
