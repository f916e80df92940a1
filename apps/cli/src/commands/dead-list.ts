import { printable } from '@preservarium/command-line';
import { type EntrySummary, formatPlace, listNewest } from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { addFilterOptions, createEntryFilter, type FilterOptions } from '../dead-letters/entry-filter.js';
import { formatTable } from '../dead-letters/format-table.js';
import {
  addDeadLetterTopicOption,
  type DeadLetterOptions,
  withDeadLetters,
} from '../dead-letters/with-dead-letters.js';
import { writeJsonLines, writeLines } from '../output.js';

interface ListOptions extends DeadLetterOptions, FilterOptions {
  readonly all?: true;
  readonly max: number;
  readonly output: 'text' | 'json';
}

export function addDeadListCommand(dead: Command, signal: AbortSignal): void {
  const command = addFilterOptions(dead.command('list').description('List dead letters, the newest last.'))
    .option('--all', 'also dead letters that were sent again')
    .addOption(
      new Option('--max <n>', 'largest number of lines; the newest are kept')
        .argParser(parseCount)
        .default(1000),
    )
    .addOption(
      new Option('--output <format>', 'a table, or one JSON object per line')
        .choices(['text', 'json'])
        .default('text'),
    );
  addDeadLetterTopicOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pusher dead list
  pusher dead list --reason rejected --type set_led --since 2h
  pusher dead list --device device123 --all --output json | jq .message`,
    )
    .action((options: ListOptions) => list(options, signal));
}

function list(options: ListOptions, signal: AbortSignal): Promise<void> {
  const isWanted = createEntryFilter(options, [], Date.now());
  return withDeadLetters(options, signal, async (letters) => {
    const { summaries: newest, left } = await listNewest(letters, {
      isWanted,
      withSentAgain: options.all ?? false,
      max: options.max,
    });
    const summaries = newest.toReversed();
    if (options.output === 'json') await writeJsonLines(summaries);
    else await writeLines(tableOf(summaries, left));
  });
}

function tableOf(summaries: readonly EntrySummary[], left: number): string[] {
  if (summaries.length === 0) return ['no dead letters'];
  const head = ['PLACE', 'DIED', 'REASON', 'DEVICE', 'TYPE', 'ATTEMPTS', 'MESSAGE'];
  const rows = summaries.map(
    ({ diedAt, reason, deviceId, commandType = '-', attempts, message, sentAgain, ...place }) => [
      formatPlace(place),
      diedAt.toISOString(),
      reason,
      printable(deviceId),
      printable(commandType),
      String(attempts),
      `${sentAgain ? '(sent again) ' : ''}${printable(message)}`,
    ],
  );
  const table = formatTable([head, ...rows], process.stdout.columns ?? Number.POSITIVE_INFINITY);
  return left === 0 ? table : [...table, `${left} older ones are not shown; raise --max`];
}
