import { ValidationError } from '@preservarium/core';
import { type DeadLetterPlace, findEntry, formatPlace, judgeOne } from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { addCommonOptions } from '../common-options.js';
import { describeEntry } from '../dead-letters/describe-entry.js';
import { formatEntry } from '../dead-letters/format-entry.js';
import { placeArgument } from '../dead-letters/place.js';
import {
  addDeadLetterTopicOption,
  type DeadLetterOptions,
  withDeadLetters,
} from '../dead-letters/with-dead-letters.js';
import { writeJson, writeLines } from '../output.js';
import { pusher } from '../pusher.js';

interface ShowOptions extends DeadLetterOptions {
  readonly output: 'text' | 'json';
}

export function addDeadShowCommand(dead: Command, signal: AbortSignal): void {
  const command = dead
    .command('show')
    .description('Show everything about one dead letter.')
    .argument('<partition:offset>', 'place of the dead letter, as list prints it', placeArgument)
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addDeadLetterTopicOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
show prints a value without a readable command as text, or in hexadecimal if it is no text. --output json has all of it.

Examples:
  pusher dead show 3:42
  pusher dead show 3:42 --output json | jq .command.payload`,
    )
    .action((place: DeadLetterPlace, options: ShowOptions) => show(place, options, signal));
}

function show(place: DeadLetterPlace, options: ShowOptions, signal: AbortSignal): Promise<void> {
  return withDeadLetters(options, signal, async (letters, { topic, commandTopic }) => {
    const found = await findEntry(letters, place);
    if (found === undefined) {
      const message = `no dead letter at ${formatPlace(place)} of ${topic}; \`${pusher} dead list\` prints the places`;
      throw new ValidationError('place', [{ path: '', message }]);
    }
    const verdict = await judgeOne(found, letters, { nowMs: Date.now(), commandTopic });
    if (options.output === 'json') await writeJson(describeEntry(found, verdict));
    else await writeLines(formatEntry(found, verdict));
  });
}
