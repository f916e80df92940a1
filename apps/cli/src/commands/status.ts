import { ValidationError } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { writeJsonLines, writeLines } from '../output.js';
import { formatLifecycle } from '../store/format-lifecycle.js';
import { addStoreOptions, type StoreOptions } from '../store/store-options.js';
import { withCommandStore } from '../store/with-command-store.js';

/** Of different devices with the same request id; more would be no mistake, but an attack. */
const maxDevices = 100;

interface StatusOptions extends StoreOptions {
  readonly device?: string;
  readonly output: 'text' | 'json';
}

export function addStatusCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('status')
    .description('Show the state and the lifecycle events of one command.')
    .argument('<request-id>', 'as push prints it')
    .option('--device <id>', 'only the command of this device')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
If several devices have a command with the request id, status prints each of them, the newest first.

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
    const { lifecycles } = await store.list({ requestId, deviceId: options.device, limit: maxDevices });
    if (lifecycles.length === 0) {
      const message = `no lifecycle event of "${requestId}" was found: check the request id, and whether Kafka still keeps its events`;
      throw new ValidationError('request id', [{ path: '', message }]);
    }
    if (options.output === 'json') await writeJsonLines(lifecycles);
    else
      await writeLines(
        lifecycles.flatMap((each, index) => [...(index > 0 ? [''] : []), ...formatLifecycle(each)]),
      );
  });
}
