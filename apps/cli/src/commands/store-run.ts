import { displayUrl, openStore } from '@preservarium/command-line/application';
import { onAbort } from '@preservarium/concurrency';
import type { Command } from 'commander';
import { readOptions } from '../common-options.js';
import { writeLines } from '../output.js';
import { createStderrLogger } from '../stderr-logger.js';
import { catchUp } from '../store/catch-up.js';
import { addFeedOptions, type FeedOptions, feedSettings } from '../store/feed-options.js';
import { requireStore } from '../store/require-store.js';
import { startFeed } from '../store/start-feed.js';
import { withBackend } from '../with-backend.js';

export function addStoreRunCommand(store: Command, signal: AbortSignal): void {
  const command = store
    .command('run')
    .description('Fill a store with the lifecycle events of commands, until Ctrl-C.');
  addFeedOptions(command)
    .addHelpText(
      'after',
      `
run creates the store if needed and continues where it stopped. Several runs with the same PostgreSQL and --group share the work.

Examples:
  pusher store run --store sqlite:commands.sqlite
  pusher store run --store postgres://pusher@localhost/pusher --max-age 90d --max-commands 10000000`,
    )
    .action((options: FeedOptions) => run(options, signal));
}

async function run(options: FeedOptions, signal: AbortSignal): Promise<void> {
  const url = requireStore(options);
  const settings = readOptions(options);
  const logger = settings.logger ?? createStderrLogger('warn');
  await using store = await openStore(url, logger);
  await withBackend(settings, async (backend) => {
    const { eventTopic: eventsTopic, commandTopic } = settings;
    const { timeout: timeoutMs } = options;
    await backend.connect({ timeoutMs, signal });
    await using feed = await startFeed({
      ...{ backend, store, eventsTopic, commandTopics: [commandTopic], logger, timeoutMs, signal },
      ...feedSettings(options),
    });
    await writeLines([`filling ${displayUrl(url)} from ${commandTopic} and ${eventsTopic}`]);
    const interrupted = Promise.withResolvers<void>();
    onAbort(signal, interrupted.resolve);

    async function follow(): Promise<void> {
      // No deadline: the feed pauses while the store is unreachable.
      const recordCount = await catchUp(feed, { timeoutMs: Number.POSITIVE_INFINITY, signal });
      await writeLines([`has all ${recordCount} records, and waits for new ones`]);
      await interrupted.promise;
    }

    await Promise.race([feed.closed, interrupted.promise, follow()]);
  });
}
