import { randomUUID } from 'node:crypto';
import type { ConsumedRecord } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { describeRecord } from '../describe-record.js';
import { hasStdoutReader, writeJsonLines } from '../output.js';
import { withBackend } from '../with-backend.js';

interface ConsumeOptions extends CommonOptions {
  readonly fromBeginning?: true;
  readonly max?: number;
  readonly group?: string;
}

export function addConsumeCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('consume')
    .description('Print commands as they arrive, one JSON object per line, until --max or Ctrl-C.')
    .option('--from-beginning', 'start with the oldest record if the group has committed no offset')
    .option('--max <n>', 'end after this number of records', parseCount)
    .option('--group <id>', 'consumer group, which keeps its offsets (default: a new group)')
    .addOption(new Option('--output <format>', 'format of the lines').choices(['json']).default('json'));
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
A record without a valid command is printed with "poison", the reason, and its value; consume continues with the next record.

Examples:
  pusher consume
  pusher consume --from-beginning --max 10
  pusher consume --from-beginning --group audit --command-topic device_commands | jq .command`,
    )
    .action((options: ConsumeOptions) => consume(options, signal));
}

function consume(options: ConsumeOptions, signal: AbortSignal): Promise<void> {
  const settings = readOptions(options);
  return withBackend(settings, async (backend) => {
    const { max = Number.POSITIVE_INFINITY, timeout: timeoutMs } = options;
    const end = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => end.resolve());
    let taken = 0;

    async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
      const wanted = records.slice(0, max - taken);
      taken += wanted.length;
      const last = wanted.at(-1);
      if (last === undefined) return;
      await writeJsonLines(wanted.map(describeRecord));
      // Records that nobody read are not marked as processed.
      if (!hasStdoutReader()) return end.resolve();
      const subscription = await subscribed;
      subscription.markProcessed({
        topic: last.topic,
        partition: last.partition,
        nextOffset: last.offset + 1,
      });
      if (taken === max) end.resolve();
    }

    const subscribed = backend.subscribe({
      topics: [settings.commandTopic],
      groupId: options.group ?? `pusher-cli-${randomUUID()}`,
      from: options.fromBeginning ? 'beginning' : 'end',
      onRecords,
    });
    const subscription = await withDeadline(subscribed, { doing: 'consume', timeoutMs, signal });
    await Promise.race([end.promise, subscription.closed]);
  });
}
