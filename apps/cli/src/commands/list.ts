import type { CommandFilter, CommandStore } from '@preservarium/command-store';
import { type CommandState, commandStates, type Lifecycle } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { parseDuration } from '../duration.js';
import { writeJsonLines, writeLines } from '../output.js';
import { formatLifecycles } from '../store/format-lifecycle.js';
import { addStoreOptions, type StoreOptions } from '../store/store-options.js';
import { withCommandStore } from '../store/with-command-store.js';

const pageSize = 1_000;

interface ListOptions extends StoreOptions {
  readonly device?: string;
  readonly state?: readonly CommandState[];
  readonly type?: string;
  readonly protocol?: string;
  /** In milliseconds. */
  readonly since?: number;
  readonly max: number;
  readonly output: 'text' | 'json';
}

export function addListCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('list')
    .description('List commands with their states, the newest last.')
    .option('--device <id>', 'only this device')
    .addOption(new Option('--state <state...>', 'only these states').choices(commandStates))
    .option('--type <type>', 'only this command type')
    .option('--protocol <protocol>', 'only this protocol')
    .option(
      '--since <duration>',
      'only commands that changed their state within this time: 30s, 5m, 2h, 7d',
      parseDuration,
    )
    .addOption(
      new Option('--max <n>', 'largest number of lines; the newest are kept')
        .argParser(parseCount)
        .default(1_000),
    )
    .addOption(
      new Option('--output <format>', 'a table, or one JSON object per line')
        .choices(['text', 'json'])
        .default('text'),
    );
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
Without --store, pusher reads the whole event topic.

Examples:
  pusher list --device device123 --store sqlite:commands.sqlite
  pusher list --state waiting
  pusher list --state failed rejected dead --since 1h --output json | jq .reason`,
    )
    .action((options: ListOptions) => list(options, signal));
}

function list(options: ListOptions, signal: AbortSignal): Promise<void> {
  const { device: deviceId, state: states, type: commandType, protocol, since, max } = options;
  const filter: CommandFilter = {
    ...{ deviceId, states, commandType, protocol },
    since: since === undefined ? undefined : new Date(Date.now() - since),
  };
  const isWanted = (event: { readonly deviceId: string }) =>
    deviceId === undefined || event.deviceId === deviceId;
  return withCommandStore(options, signal, isWanted, async (store) => {
    const { lifecycles, hasMore } = await newestLast(store, filter, max);
    if (options.output === 'json') return writeJsonLines(lifecycles);
    if (lifecycles.length === 0) return writeLines(['no commands']);
    const table = formatLifecycles(lifecycles, process.stdout.columns ?? Number.POSITIVE_INFINITY);
    return writeLines(hasMore ? [...table, 'older ones are not shown; raise --max'] : table);
  });
}

async function newestLast(
  store: CommandStore,
  filter: CommandFilter,
  max: number,
): Promise<{ readonly lifecycles: readonly Lifecycle[]; readonly hasMore: boolean }> {
  const lifecycles: Lifecycle[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(max - lifecycles.length, pageSize);
    const page = await store.list({ ...filter, limit, cursor });
    lifecycles.push(...page.lifecycles);
    cursor = page.cursor;
  } while (cursor !== undefined && lifecycles.length < max);
  return { lifecycles: lifecycles.toReversed(), hasMore: cursor !== undefined };
}
