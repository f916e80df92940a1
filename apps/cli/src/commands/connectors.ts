import { type Command, Option } from 'commander';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { describeConnectors } from '../connectors/describe-connectors.js';
import { formatConnectors, formatUnserved } from '../connectors/format-connectors.js';
import { servedProtocols, unservedProtocols } from '../connectors/unserved-protocols.js';
import { parseDuration } from '../duration.js';
import { writeJson, writeLines } from '../output.js';
import { withBackend } from '../with-backend.js';

interface ConnectorsOptions extends CommonOptions {
  /** In milliseconds. */
  readonly since: number;
  readonly output: 'text' | 'json';
}

export function addConnectorsCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('connectors')
    .description('Show the groups of connectors, and protocols of commands that no connector serves.')
    .option(
      '--waiting-topic <topic>',
      'topic of waiting commands (DEVICE_WAITING_TOPIC; default: device_commands_waiting)',
    )
    .addOption(
      new Option('--since <duration>', 'age of the commands that are looked at for protocols')
        .argParser(parseDuration)
        .default(3_600_000, '1h'),
    )
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
A group is shown if its connectors have claimed a partition in the waiting topic: these records say the protocol. PARTITIONS are those of the command
topic that a member has; LAG is the number of its records that are not processed, WAITING that of commands that wait for their devices, OLDEST since when.
A group without members serves nothing: its connectors have ended.

Examples:
  pusher connectors
  pusher connectors --since 7d
  pusher connectors --output json | jq '.unserved[].protocol'`,
    )
    .action((options: ConnectorsOptions) => connectors(options, signal));
}

function connectors(options: ConnectorsOptions, signal: AbortSignal): Promise<void> {
  const settings = readOptions(options);
  return withBackend(settings, async (backend) => {
    const describing = { settings, timeoutMs: options.timeout, signal };
    const groups = await describeConnectors(backend, describing);
    const served = servedProtocols(groups);
    const unserved = await unservedProtocols(backend, served, { ...describing, sinceMs: options.since });
    if (options.output === 'json') {
      const { commandTopic, waitingTopic } = settings;
      return writeJson({ commandTopic, waitingTopic, groups, unserved });
    }
    const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
    return writeLines([...formatConnectors(groups, columns), ...formatUnserved(unserved, groups)]);
  });
}
