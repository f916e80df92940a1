import { ValidationError } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { writeJson, writeLines } from '../output.js';
import { formatLifecycle } from '../store/format-lifecycle.js';
import { addStoreOptions, type StoreOptions } from '../store/store-options.js';
import { withCommandStore } from '../store/with-command-store.js';

interface StatusOptions extends StoreOptions {
  readonly output: 'text' | 'json';
}

export function addStatusCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('status')
    .description('Show the state and the lifecycle events of one command.')
    .argument('<request-id>', 'as push prints it')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
Without --store, pusher reads the whole event topic.

Examples:
  pusher status 01a20eb2-a728-7ebd-921d-461bc7d86ca8
  pusher status 01a20eb2-a728-7ebd-921d-461bc7d86ca8 --store sqlite:commands.sqlite --output json | jq .state`,
    )
    .action((requestId: string, options: StatusOptions) => status(requestId, options, signal));
}

function status(requestId: string, options: StatusOptions, signal: AbortSignal): Promise<void> {
  const isWanted = (event: { readonly requestId: string }) => event.requestId === requestId;
  return withCommandStore(options, signal, isWanted, async (store) => {
    const lifecycle = await store.get(requestId);
    if (lifecycle === undefined) {
      const message = `no lifecycle event of "${requestId}" was found: check the request id, and whether Kafka still keeps its events`;
      throw new ValidationError('request id', [{ path: '', message }]);
    }
    if (options.output === 'json') await writeJson(lifecycle);
    else await writeLines(formatLifecycle(lifecycle));
  });
}
