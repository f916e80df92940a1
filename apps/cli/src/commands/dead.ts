import type { Command } from 'commander';
import { addDeadListCommand } from './dead-list.js';
import { addDeadRedriveCommand } from './dead-redrive.js';
import { addDeadShowCommand } from './dead-show.js';

export function addDeadCommand(program: Command, signal: AbortSignal): void {
  const dead = program
    .command('dead')
    .description('Show dead letters (commands that were not delivered), and send them again.')
    .addHelpText(
      'after',
      `
A dead letter is poison (unreadable), rejected (the device refused it) or exhausted (all attempts failed). With
signatures it may be unsigned, wrong-key (unknown, denied or altered), replayed (a copy) or not-allowed (by the policy).

Examples:
  pusher dead list --since 2h
  pusher dead show 3:42
  pusher dead redrive --reason exhausted --dry-run`,
    );
  addDeadListCommand(dead, signal);
  addDeadShowCommand(dead, signal);
  addDeadRedriveCommand(dead, signal);
}
