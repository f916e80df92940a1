import { exitCodes } from '@preservarium/command-line';
import { displayUrl } from '@preservarium/command-line/application';
import type { Command } from 'commander';
import { readOptions } from '../common-options.js';
import { confirm } from '../dead-letters/confirm.js';
import { writeLines } from '../output.js';
import { catchUp } from '../store/catch-up.js';
import { addFeedOptions, type FeedOptions, feedSettings } from '../store/feed-options.js';
import { openEmptied } from '../store/open-emptied.js';
import { requireStore } from '../store/require-store.js';
import { startFeed } from '../store/start-feed.js';
import { withBackend } from '../with-backend.js';

interface RebuildOptions extends FeedOptions {
  readonly yes?: true;
}

export function addStoreRebuildCommand(store: Command, signal: AbortSignal): void {
  const command = store
    .command('rebuild')
    .description('Empty a store and fill it with all events in Kafka.')
    .option('--yes', 'empty the store without asking');
  addFeedOptions(command)
    .addHelpText(
      'after',
      `
The store loses events that Kafka no longer keeps. A damaged SQLite file is moved aside. Every "pusher store run" that fills the store meanwhile starts over, too.

Examples:
  pusher store rebuild --store sqlite:commands.sqlite
  pusher store rebuild --store postgres://pusher@localhost/pusher --yes`,
    )
    .action((options: RebuildOptions) => rebuild(command, options, signal));
}

async function rebuild(command: Command, options: RebuildOptions, signal: AbortSignal): Promise<void> {
  const url = requireStore(options);
  const settings = readOptions(options);
  if (!(await mayBeEmptied(command, url, options, signal))) {
    process.exitCode = exitCodes.failed;
    return;
  }
  await withBackend(settings, async (backend) => {
    const { eventTopic: eventsTopic, commandTopic } = settings;
    const { timeout: timeoutMs } = options;
    // Asks for the topics first: if one does not exist, the store keeps its content.
    await backend.connect({ timeoutMs, signal });
    for (const topic of [eventsTopic, commandTopic]) await backend.offsets({ topic, groupId: 'pusher-cli' });
    await using store = await openEmptied(url, settings.logger);
    const feed = await startFeed({
      ...{ backend, store, eventsTopic, commandTopics: [commandTopic], timeoutMs, signal },
      ...(settings.logger && { logger: settings.logger }),
      ...feedSettings(options),
    });
    let recordCount: number;
    try {
      recordCount = await catchUp(feed, { timeoutMs, signal });
    } finally {
      await feed.close();
    }
    const counts = Object.values(await store.countByState());
    const commandCount = counts.reduce((sum, count) => sum + count, 0);
    await writeLines([`${displayUrl(url)} has ${commandCount} commands from ${recordCount} records`]);
  });
}

async function mayBeEmptied(
  command: Command,
  url: string,
  { yes }: RebuildOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    command.error('error: rebuild empties the store and stdin is no terminal: add --yes');
  return confirm(
    `Empty ${displayUrl(url)} and fill it with the commands and events that Kafka still keeps?`,
    {
      input: process.stdin,
      output: process.stderr,
      signal,
    },
  );
}
