import { exitCodes } from '@preservarium/command-line';
import type { DeadLetterPlace } from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { compareNumbers } from '../dead-letters/compare-numbers.js';
import { confirm } from '../dead-letters/confirm.js';
import type { DeadEntry } from '../dead-letters/dead-entry.js';
import {
  addFilterOptions,
  createEntryFilter,
  type FilterOptions,
  isFilter,
} from '../dead-letters/entry-filter.js';
import { createFirstOf } from '../dead-letters/first-of.js';
import { judge } from '../dead-letters/judge.js';
import { createOrigins } from '../dead-letters/newer-commands.js';
import { collectPlaces, formatPlace } from '../dead-letters/place.js';
import { createRedriveReport } from '../dead-letters/redrive-report.js';
import { sendAgain } from '../dead-letters/send-again.js';
import {
  addDeadLetterTopicOption,
  type DeadLetterOptions,
  withDeadLetters,
} from '../dead-letters/with-dead-letters.js';

interface RedriveOptions extends DeadLetterOptions, FilterOptions {
  readonly max: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly output: 'text' | 'json';
}

export function addDeadRedriveCommand(dead: Command, signal: AbortSignal): void {
  const command = addFilterOptions(
    dead
      .command('redrive')
      .description(
        'Send dead letters to the command topic again. Exits when the brokers have acknowledged them.',
      )
      .argument('[partition:offset...]', 'places of dead letters, as list prints them', collectPlaces),
  )
    .addOption(new Option('--max <n>', 'largest number to send').argParser(parseCount).default(1000))
    .option('--dry-run', 'print what would be sent, and send nothing')
    .option('--yes', 'send more than one without asking')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addDeadLetterTopicOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
redrive keeps the original order of the commands of each device. It counts and does not send dead letters that were sent
again before, are of another topic than --command-topic, are poison, have expired, or are superseded: a newer command of the same device has the same supersede key. To
find newer commands, redrive reads the original topic of dead letters with a supersede key.

Examples:
  pusher dead redrive 3:42 3:57
  pusher dead redrive --reason exhausted --since 2h --dry-run
  pusher dead redrive --device device123 --yes --output json`,
    )
    .action((places: readonly DeadLetterPlace[] | undefined, options: RedriveOptions) =>
      redrive(command, places ?? [], options, signal),
    );
}

function redrive(
  command: Command,
  places: readonly DeadLetterPlace[],
  options: RedriveOptions,
  signal: AbortSignal,
): Promise<void> {
  if (places.length === 0 && !isFilter(options)) {
    command.error(
      'error: no dead letters chosen: give PARTITION:OFFSET, --reason, --device, --type or --since',
    );
  }
  const nowMs = Date.now();
  const isWanted = createEntryFilter(options, places, nowMs);
  return withDeadLetters(options, signal, async (letters, { backend, topic, commandTopic }) => {
    const judging = { nowMs, commandTopic };
    const report = createRedriveReport(options.output, {
      isChosenByPlace: places.length > 0,
      isDryRun: options.dryRun ?? false,
    });
    const first = createFirstOf<DeadEntry>(options.max, inOriginalOrder);
    const missing = new Set(places.map(formatPlace));
    const origins = createOrigins();
    await letters.forEach((entry) => {
      missing.delete(formatPlace(entry.place));
      if (isWanted(entry) && judge(entry, letters, judging).outcome === 'sendable') origins.add(entry);
    });
    await letters.lookForNewer(origins);
    await letters.forEach(async (entry) => {
      if (!isWanted(entry)) return;
      const verdict = judge(entry, letters, judging);
      if (verdict.outcome === 'sendable') first.add(entry);
      else await report.judged(entry, verdict);
    });
    for (const place of missing) report.missing(place);

    const chosen = first.items();
    let left = first.left();
    if (options.dryRun) {
      for (const entry of chosen) await report.judged(entry, judge(entry, letters, judging));
    } else if (await mayBeSent(command, chosen.length, options, signal)) {
      await sendAgain(backend, chosen, {
        topic,
        commandTopic,
        timeoutMs: options.timeout,
        signal,
        onOutcome: report.sent,
      });
    } else {
      left += chosen.length;
      process.exitCode = exitCodes.failed;
    }
    await report.summary(left);
    if (report.hasFailed()) process.exitCode = exitCodes.failed;
  });
}

async function mayBeSent(
  command: Command,
  count: number,
  { yes }: RedriveOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (count <= 1 || yes) return true;
  if (!process.stdin.isTTY) {
    command.error(
      `error: ${count} commands would be sent and stdin is no terminal: check them with --dry-run, then add --yes`,
    );
  }
  return confirm(`Send ${count} commands again (--dry-run shows them)?`, {
    input: process.stdin,
    output: process.stderr,
    signal,
  });
}

/** Orders dead letters as their commands were pushed: by topic, partition and offset. */
function inOriginalOrder(
  { letter: { source: one } }: DeadEntry,
  { letter: { source: other } }: DeadEntry,
): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return compareNumbers([one.partition, one.offset], [other.partition, other.offset]);
}
