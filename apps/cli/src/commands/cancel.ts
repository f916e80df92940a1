import { parseCancellation } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { type Command, Option } from 'commander';
import { addCommonOptions, type CommonOptions, readOptions } from '../common-options.js';
import { createBackend } from '../create-backend.js';
import { writeJson, writeLines } from '../output.js';
import { addSigningKeyOption, readSigner, type SigningOptions } from '../signer.js';

interface CancelOptions extends CommonOptions, SigningOptions {
  readonly device: string;
  readonly requestId: string;
  readonly output: 'text' | 'json';
}

export function addCancelCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('cancel')
    .description(
      'Ask the connectors to cancel a command. Exits when the brokers have acknowledged the request.',
    )
    .requiredOption('--device <id>', 'device of the command')
    .requiredOption('--request-id <id>', 'request id of the command, as push prints it')
    .option(
      '--waiting-topic <topic>',
      'topic of cancellations (DEVICE_WAITING_TOPIC; default: device_commands_waiting)',
    )
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addSigningKeyOption(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
A connector cancels the command unless an attempt ends it first. If it was sent before, the device may have executed it.
The lifecycle events of the command show the result.

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
    sign: readSigner(options),
  });
  // Connects before the push, so that an unreachable broker is not reported as a command that may be written.
  await service.connect({ timeoutMs, signal });
  const receipt = await service.cancelCommand(command, { timeoutMs, signal });
  if (options.output === 'json') return writeJson(receipt);
  const { topic, partition, offset } = receipt;
  const place = partition === undefined ? '' : `, partition ${partition}, offset ${offset}`;
  return writeLines([`requested cancellation of ${requestId} on ${topic}${place}`]);
}
