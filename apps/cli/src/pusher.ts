import { commandOf } from '@preservarium/command-line';

/** The command line that a reader of a message types for `pusher`. */
export const pusher = commandOf('pusher', 'cli');

/** Names it so in the examples of a help text. */
export function nameInExamples(help: string): string {
  return help.replaceAll(/^( {2}|.*\| )pusher /gm, `$1${pusher} `);
}
