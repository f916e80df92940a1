import { exitCodes } from '@preservarium/command-line';
import { displayUrl, openStore } from '@preservarium/command-line/application';
import type { CommandStore } from '@preservarium/command-store';
import type { CommandState } from '@preservarium/core';
import type { Command } from 'commander';
import { readOptions } from '../common-options.js';
import { confirm } from '../dead-letters/confirm.js';
import { writeLines } from '../output.js';
import { addSigningKeyOption, type SigningOptions } from '../signer.js';
import { cancelAllOf } from '../store/cancel-all-of.js';
import { requireFile } from '../store/require-file.js';
import { requireStore } from '../store/require-store.js';
import { addStoreOptions, type StoreOptions } from '../store/store-options.js';

interface ForgetOptions extends StoreOptions, SigningOptions {
  readonly yes?: true;
  readonly storeOnly?: true;
}

/** Only these may still wait for the device. */
const unfinished: readonly CommandState[] = ['published', 'waiting', 'dispatched'];
const pageSize = 1_000;

export function addStoreForgetCommand(store: Command, signal: AbortSignal): void {
  const command = store
    .command('forget')
    .description(
      'Delete all that a store knows of a device, and what waits for it in the ledgers of connectors.',
    )
    .argument('<device-id>', 'id of the device')
    .option('--yes', 'delete without asking')
    .option('--store-only', 'leave the ledgers alone, and do not use Kafka')
    .option(
      '--waiting-topic <topic>',
      'topic of the ledgers (DEVICE_WAITING_TOPIC; default: device_commands_waiting)',
    );
  addSigningKeyOption(command);
  addStoreOptions(command)
    .addHelpText(
      'after',
      `
forget first asks the connectors to cancel all commands that wait for the device, as "pusher cancel" does, then deletes from the
store. A connector cancels them when it reads this, with an event each: run forget again after the store has read those events.
Kafka keeps its copies (commands, changelog, lifecycle events, dead letters) until the retention of each topic ends, and
"pusher store rebuild" reads them again.

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
  if (!options.storeOnly) {
    const count = await cancelAllOf(deviceId, await unfinishedOf(store, deviceId), options, signal);
    const { waitingTopic } = readOptions(options);
    await writeLines([`requested cancellation of ${count} commands of ${deviceId} on ${waitingTopic}`]);
  }
  await writeLines([
    `${displayUrl(url)} has forgotten ${await store.forget(deviceId)} commands of ${deviceId}`,
  ]);
}

async function unfinishedOf(store: CommandStore, deviceId: string): Promise<string[]> {
  const requestIds: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ deviceId, states: unfinished, limit: pageSize, cursor });
    requestIds.push(...page.lifecycles.map(({ requestId }) => requestId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return requestIds;
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
