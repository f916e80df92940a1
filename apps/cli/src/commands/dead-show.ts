import { ValidationError } from '@preservarium/core';
import type { DeadLetterPlace } from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { addCommonOptions } from '../common-options.js';
import type { DeadEntry } from '../dead-letters/dead-entry.js';
import { describeEntry } from '../dead-letters/describe-entry.js';
import { formatEntry } from '../dead-letters/format-entry.js';
import { judge } from '../dead-letters/judge.js';
import { createOrigins } from '../dead-letters/newer-commands.js';
import { formatPlace, parsePlace } from '../dead-letters/place.js';
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
    .argument('<partition:offset>', 'place of the dead letter, as list prints it', parsePlace)
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
    let found: DeadEntry | undefined;
    await letters.forEach((entry) => {
      if (formatPlace(entry.place) === formatPlace(place)) found = entry;
    });
    if (found === undefined) {
      const message = `no dead letter at ${formatPlace(place)} of ${topic}; \`${pusher} dead list\` prints the places`;
      throw new ValidationError('place', [{ path: '', message }]);
    }
    const origins = createOrigins();
    if (found.letter.source.topic === commandTopic) origins.add(found);
    await letters.lookForNewer(origins);
    const verdict = judge(found, letters, { nowMs: Date.now(), commandTopic });
    if (options.output === 'json') await writeJson(describeEntry(found, verdict));
    else await writeLines(formatEntry(found, verdict));
  });
}
