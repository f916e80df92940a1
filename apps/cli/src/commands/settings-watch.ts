import { type Command, Option } from 'commander';
import { parseCount } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { hasStdoutReader, writeJson, writeLines } from '../output.js';
import { formatChange } from '../settings/format-settings.js';
import {
  addSettingsTopicOptions,
  type SettingsCommandOptions,
  withSettings,
} from '../settings/with-settings.js';

interface WatchOptions extends SettingsCommandOptions {
  readonly device?: string;
  readonly max?: number;
}

export function addSettingsWatchCommand(settings: Command, signal: AbortSignal): void {
  const command = settings
    .command('watch')
    .description('Print the settings of devices as they change, until --max or Ctrl-C.')
    .option('--device <id>', 'only this device, beginning with its current settings')
    .option('--max <n>', 'end after this number of changes', parseCount)
    .addOption(
      new Option('--output <format>', 'format of the lines').choices(['text', 'json']).default('text'),
    );
  addSettingsTopicOptions(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pusher settings watch
  pusher settings watch --device device123 --output json | jq -c '[.desiredVersion, .difference]'`,
    )
    .action((options: WatchOptions) => watch(options, signal));
}

function watch(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { device: deviceId, output, max = Number.POSITIVE_INFINITY } = options;
  return withSettings(options, signal, async (settings) => {
    let printed = 0;
    for await (const each of settings.watchSettings({ deviceId, signal })) {
      await (output === 'json' ? writeJson(each) : writeLines([formatChange(each)]));
      printed += 1;
      if (printed === max || !hasStdoutReader()) return;
    }
  });
}
