import type { Command } from 'commander';
import { addStoreRebuildCommand } from './store-rebuild.js';
import { addStoreRunCommand } from './store-run.js';

export function addStoreCommand(program: Command, signal: AbortSignal): void {
  const store = program
    .command('store')
    .description('Keep lifecycle events in a database, for `pusher status` and `pusher list`.')
    .addHelpText(
      'after',
      `
Examples:
  pusher store run --store sqlite:commands.sqlite
  pusher store rebuild --store postgres://pusher@localhost/pusher`,
    );
  addStoreRunCommand(store, signal);
  addStoreRebuildCommand(store, signal);
}
