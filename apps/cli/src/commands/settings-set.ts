import type { Protocol } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { parseInteger, parseJsonObject } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { writeJson, writeLines } from '../output.js';
import { formatJson } from '../settings/format-settings.js';
import {
  addSettingsTopicOptions,
  type SettingsCommandOptions,
  withSettings,
} from '../settings/with-settings.js';
import { addSigningKeyOption } from '../signer.js';

interface SetOptions extends SettingsCommandOptions {
  readonly ifVersion?: number;
  readonly protocol?: Protocol;
}

export function addSettingsSetCommand(settings: Command, signal: AbortSignal): void {
  const command = settings
    .command('set')
    .description(
      'Change the desired settings of a device. Exits when Kafka has the change and no other change came in between.',
    )
    .argument('<device>', 'id of the device')
    .argument(
      '<json>',
      'JSON merge patch: absent keys keep their values, null removes a key',
      parseJsonObject,
    )
    .option(
      '--if-version <n>',
      'only if the current version is n; -1: if there are no desired settings',
      parseInteger,
    )
    .option('--protocol <name>', 'protocol of the connector that sends them (default: as before, or mqtt)')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addSigningKeyOption(command);
  addSettingsTopicOptions(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
If the current version is not --if-version, set changes nothing and exits with 4.

Examples:
  pusher settings set device123 '{"led":{"color":"blue"},"rate":null}'
  pusher settings set 282c02424eed '{"interval":60}' --protocol coap
  pusher settings set device123 '{"rate":5}' --if-version 42 --output json | jq .version`,
    )
    .action((deviceId: string, patch: Readonly<Record<string, unknown>>, options: SetOptions) =>
      set(deviceId, patch, options, signal),
    );
}

function set(
  deviceId: string,
  patch: Readonly<Record<string, unknown>>,
  options: SetOptions,
  signal: AbortSignal,
): Promise<void> {
  const { ifVersion, protocol, output } = options;
  return withSettings(options, signal, async (settings) => {
    const pushed = await settings.pushSettings(deviceId, patch, { ifVersion, protocol, signal });
    if (output === 'json') await writeJson(pushed);
    else await writeLines([`version ${pushed.version}: ${formatJson(pushed.desired)}`]);
  });
}
