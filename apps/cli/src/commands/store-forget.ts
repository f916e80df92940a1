import { exitCodes } from '@preservarium/command-line';
import { displayUrl, openStore } from '@preservarium/command-line/application';
import type { Command } from 'commander';
import { readOptions } from '../common-options.js';
import { confirm } from '../dead-letters/confirm.js';
import { writeLines } from '../output.js';
import { requireFile } from '../store/require-file.js';
import { requireStore } from '../store/require-store.js';
import { addStoreOptions, type StoreOptions } from '../store/store-options.js';

interface ForgetOptions extends StoreOptions {
  readonly yes?: true;
}

export function addStoreForgetCommand(store: Command, signal: AbortSignal): void {
  const command = store
    .command('forget')
    .description('Delete all that a store knows of a device.')
    .argument('<device-id>', 'id of the device')
    .option('--yes', 'delete without asking');
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
forget changes the store alone. Kafka keeps its copies (commands, lifecycle events, dead letters) until the retention of each
topic ends, and "pusher store rebuild" reads them again.

Examples:
  pusher store forget device123 --store sqlite:commands.sqlite
  pusher store forget device123 --store postgres://pusher@localhost/pusher --yes`,
    )
    .action((deviceId: string, options: ForgetOptions) => forget(command, deviceId, options, signal));
}

async function forget(
  command: Command,
  deviceId: string,
  options: ForgetOptions,
  signal: AbortSignal,
): Promise<void> {
  const url = requireStore(options);
  requireFile(url);
  if (!(await mayBeDeleted(command, `${deviceId} from ${displayUrl(url)}`, options, signal))) {
    process.exitCode = exitCodes.failed;
    return;
  }
  await using store = await openStore(url, readOptions(options).logger);
  await writeLines([
    `${displayUrl(url)} has forgotten ${await store.forget(deviceId)} commands of ${deviceId}`,
  ]);
}

async function mayBeDeleted(
  command: Command,
  what: string,
  { yes }: ForgetOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    command.error('error: forget deletes from the store and stdin is no terminal: add --yes');
  }
  return confirm(`Delete all commands of ${what}?`, { input: process.stdin, output: process.stderr, signal });
}
