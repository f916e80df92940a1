import type { Command } from 'commander';
import { addStoreForgetCommand } from './store-forget.js';
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
  pusher store rebuild --store postgres://pusher@localhost/pusher
  pusher store forget device123 --store sqlite:commands.sqlite`,
    );
  addStoreRunCommand(store, signal);
  addStoreRebuildCommand(store, signal);
  addStoreForgetCommand(store, signal);
}
