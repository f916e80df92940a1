import { exitCodes } from '@preservarium/command-line';
import {
  chooseSendable,
  type DeadLetterPlace,
  formatPlace,
  judge,
  sendAgain,
} from '@preservarium/dead-letters';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { confirm } from '../dead-letters/confirm.js';
import {
  addFilterOptions,
  createEntryFilter,
  type FilterOptions,
  isFilter,
} from '../dead-letters/entry-filter.js';
import { collectPlaces } from '../dead-letters/place.js';
import { createRedriveReport } from '../dead-letters/redrive-report.js';
import {
  addDeadLetterTopicOption,
  type DeadLetterOptions,
  withDeadLetters,
} from '../dead-letters/with-dead-letters.js';
import { addSigningKeyOption, readSigner, type SigningOptions } from '../signer.js';

interface RedriveOptions extends DeadLetterOptions, FilterOptions, SigningOptions {
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
  addSigningKeyOption(command);
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
  const sign = readSigner(options);
  const isWanted = createEntryFilter(options, places, nowMs);
  return withDeadLetters(options, signal, async (letters, { backend, topic, commandTopic }) => {
    const judging = { nowMs, commandTopic };
    const report = createRedriveReport(options.output, {
      isChosenByPlace: places.length > 0,
      isDryRun: options.dryRun ?? false,
    });
    const missing = new Set(places.map(formatPlace));
    const { chosen, left: beyondMax } = await chooseSendable(letters, {
      ...judging,
      max: options.max,
      isWanted(entry) {
        missing.delete(formatPlace(entry.place));
        return isWanted(entry);
      },
      onRefused: report.judged,
    });
    for (const place of missing) report.missing(place);

    let left = beyondMax;
    if (options.dryRun) {
      for (const entry of chosen) await report.judged(entry, judge(entry, letters, judging));
    } else if (await mayBeSent(command, chosen.length, options, signal)) {
      await sendAgain(backend, chosen, {
        topic,
        commandTopic,
        sign,
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
