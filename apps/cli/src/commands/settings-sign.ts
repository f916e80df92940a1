import { mapInOrder } from '@preservarium/concurrency';
import { ConfigurationError } from '@preservarium/core';
import type { Settings } from '@preservarium/settings';
import { type Command, Option } from 'commander';
import { addCommonOptions } from '../common-options.js';
import { writeJson, writeLines } from '../output.js';
import {
  addSettingsTopicOptions,
  type SettingsCommandOptions,
  withSettings,
} from '../settings/with-settings.js';
import { addSigningKeyOption, readSigner } from '../signer.js';

/** Devices whose settings are written at one time. */
const maxInFlight = 100;

export function addSettingsSignCommand(settings: Command, signal: AbortSignal): void {
  const command = settings
    .command('sign')
    .description(
      'Write the desired settings of devices again, signed: before connectors require signatures, and before an old key is removed.',
    )
    .argument('[devices...]', 'ids of devices (default: all with desired settings)')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addSigningKeyOption(command);
  addSettingsTopicOptions(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
It signs the settings as they are in the topic. With --trusted-keys, those that a trusted key has signed.

Examples:
  pusher settings sign --signing-key operator.json
  pusher settings sign device123 --signing-key operator.json`,
    )
    .action((deviceIds: readonly string[], options: SettingsCommandOptions) =>
      sign(deviceIds, options, signal),
    );
}

async function sign(
  named: readonly string[],
  options: SettingsCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  if (readSigner(options) === undefined) {
    throw new ConfigurationError(
      'no signing key: name one with --signing-key or PUSHER_SIGNING_KEY; pusher signing create writes one',
    );
  }
  return withSettings(options, signal, async (settings) => {
    const again = (deviceId: string) =>
      settings.pushSettings(deviceId, {}, { issuedBy: settings.getSettings(deviceId)?.issuedBy, signal });
    let signed = 0;
    for await (const _ of mapInOrder(desiredDevices(settings, named), again, { maxInFlight })) signed++;
    await (options.output === 'json' ? writeJson({ signed }) : writeLines([`signed ${signed}`]));
  });
}

/** A push for a device without desired settings would give it empty ones. */
async function* desiredDevices(settings: Settings, named: readonly string[]) {
  for (const deviceId of named.length > 0 ? named : [...settings.deviceIds()]) {
    if (settings.getSettings(deviceId)?.desiredVersion !== undefined) yield deviceId;
  }
}
