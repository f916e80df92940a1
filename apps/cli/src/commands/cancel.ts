import { parseCancellation } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { type Command, Option } from 'commander';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { createBackend } from '../create-backend.js';
import { writeJson, writeLines } from '../output.js';

interface CancelOptions extends CommonOptions {
  readonly device: string;
  readonly requestId: string;
  readonly output: 'text' | 'json';
}

export function addCancelCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('cancel')
    .description('Ask the connectors to cancel a command; done when the brokers have the request.')
    .requiredOption('--device <id>', 'device the command is for')
    .requiredOption('--request-id <id>', "the command's request id, as push printed it")
    .option(
      '--waiting-topic <topic>',
      'where connectors read it (DEVICE_WAITING_TOPIC; default: device_commands_waiting)',
    )
    .addOption(
      new Option('--output <format>', 'form of the result').choices(['text', 'json']).default('text'),
    );
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
A command that has been dispatched is not cancelled; its lifecycle event tells.

Examples:
  pusher cancel --device device123 --request-id 01a20eb2-a728-7ebd-921d-461bc7d86ca8`,
    )
    .action((options: CancelOptions) => cancel(options, signal));
}

async function cancel(options: CancelOptions, signal: AbortSignal): Promise<void> {
  const { device: deviceId, requestId, timeout: timeoutMs } = options;
  const command = { deviceId, requestId };
  parseCancellation(command);
  const settings = readOptions(options);
  await using service = createPusherService({
    backend: await createBackend(settings),
    waitingTopic: settings.waitingTopic,
  });
  // Apart from the push, so that "no broker answers" is not mistaken for "may be written".
  await service.connect({ timeoutMs, signal });
  const receipt = await service.cancelCommand(command, { timeoutMs, signal });
  if (options.output === 'json') return writeJson(receipt);
  const { topic, partition, offset } = receipt;
  const place = partition === undefined ? '' : `, partition ${partition}, offset ${offset}`;
  return writeLines([`asked to cancel ${requestId} on ${topic}${place}`]);
}
