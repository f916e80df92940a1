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
    .description('Show what became of one command.')
    .argument('<request-id>', 'as push prints it')
    .addOption(
      new Option('--output <format>', 'form of the result').choices(['text', 'json']).default('text'),
    );
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
Without a store, the topic of the events is read from its beginning to its end.

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
      const message = `nothing is known of "${requestId}": connectors have written no event of it that is still there`;
      throw new ValidationError('request id', [{ path: '', message }]);
    }
    if (options.output === 'json') await writeJson(lifecycle);
    else await writeLines(formatLifecycle(lifecycle));
  });
}
