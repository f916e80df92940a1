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
    .option('--device <id>', 'of this device')
    .addOption(new Option('--state <state...>', 'in one of these states').choices(commandStates))
    .option('--type <type>', 'of this type')
    .option('--protocol <protocol>', 'of this protocol')
    .option(
      '--since <duration>',
      'those that came into their state within this time: 30s, 5m, 2h, 7d',
      parseDuration,
    )
    .addOption(new Option('--max <n>', 'how many, the newest ones').argParser(parseCount).default(1_000))
    .addOption(
      new Option('--output <format>', 'a table, or one JSON object a line')
        .choices(['text', 'json'])
        .default('text'),
    );
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
Without a store, the topic of the events is read from its beginning to its end.

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
    return writeLines(hasMore ? [...table, 'and older ones; --max shows more'] : table);
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
