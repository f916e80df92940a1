import { ValidationError } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { addCommonOptions } from '../common-options.js';
import { writeJson, writeLines } from '../output.js';
import { formatSettings } from '../settings/format-settings.js';
import {
  addSettingsTopicOptions,
  type SettingsCommandOptions,
  withSettings,
} from '../settings/with-settings.js';

export function addSettingsGetCommand(settings: Command, signal: AbortSignal): void {
  const command = settings
    .command('get')
    .description('Show the desired and reported settings of a device, and their difference.')
    .argument('<device>', 'id of the device')
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
    );
  addSettingsTopicOptions(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pusher settings get device123
  pusher settings get device123 --output json | jq .difference`,
    )
    .action((deviceId: string, options: SettingsCommandOptions) => get(deviceId, options, signal));
}

function get(deviceId: string, options: SettingsCommandOptions, signal: AbortSignal): Promise<void> {
  return withSettings(options, signal, async (settings) => {
    const found = settings.getSettings(deviceId);
    if (found === undefined) {
      const message = `device "${deviceId}" has no desired and no reported settings`;
      throw new ValidationError('device', [{ path: '', message }]);
    }
    await (options.output === 'json' ? writeJson(found) : writeLines(formatSettings(found)));
  });
}
