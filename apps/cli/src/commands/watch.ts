import { withDeadline } from '@preservarium/concurrency';
import { type CommandState, commandStates } from '@preservarium/core';
import { createTracker } from '@preservarium/tracking';
import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { hasStdoutReader, writeJson, writeLines } from '../output.js';
import { formatEvent } from '../tracking/format-event.js';
import { withBackend } from '../with-backend.js';

interface WatchOptions extends CommonOptions {
  readonly device?: string;
  readonly requestId?: string;
  readonly state?: readonly CommandState[];
  readonly max?: number;
  readonly output: 'text' | 'json';
}

export function addWatchCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('watch')
    .description('Print lifecycle events of commands as they arrive, until --max or Ctrl-C.')
    .option('--device <id>', 'only commands of this device')
    .option('--request-id <id>', 'only this command')
    .addOption(new Option('--state <state...>', 'only these states').choices(commandStates))
    .option('--max <n>', 'end after this number of events', parseCount)
    .option(
      '--event-topic <topic>',
      'topic of lifecycle events (DEVICE_EVENT_TOPIC; default: device_command_events)',
    )
    .addOption(
      new Option('--output <format>', 'format of the lines').choices(['text', 'json']).default('text'),
    );
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pusher watch
  pusher watch --device device123 --state failed rejected dead
  pusher watch --request-id 01a20eb2-a728-7ebd-921d-461bc7d86ca8 --output json | jq .state`,
    )
    .action((options: WatchOptions) => watch(options, signal));
}

function watch(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const settings = readOptions(options);
  const { device: deviceId, requestId, state: states, output, timeout: timeoutMs } = options;
  const { max = Number.POSITIVE_INFINITY } = options;
  return withBackend(settings, async (backend) => {
    const tracking = createTracker({
      backend,
      eventsTopic: settings.eventTopic,
      ...(settings.logger && { logger: settings.logger }),
    });
    await using tracker = await withDeadline(tracking, {
      doing: 'subscribe to the lifecycle events',
      timeoutMs,
      signal,
    });
    let printed = 0;
    for await (const { event } of tracker.watch({ deviceId, requestId, states, signal })) {
      await (output === 'json' ? writeJson(event) : writeLines([formatEvent(event)]));
      printed += 1;
      if (printed === max || !hasStdoutReader()) return;
    }
  });
}
