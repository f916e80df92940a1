import { ValidationError } from '@preservarium/core';
import { type Command, Option } from 'commander';
import { parseJsonObject } from '../arguments.js';
import { addCommonOptions } from '../common-options.js';
import { writeJson, writeLines } from '../output.js';
import { formatJson } from '../settings/format-settings.js';
import {
  addSettingsTopicOptions,
  type SettingsCommandOptions,
  withSettings,
} from '../settings/with-settings.js';

export function addSettingsReportCommand(settings: Command, signal: AbortSignal): void {
  const command = settings
    .command('report')
    .description('Say in the place of a device what settings it has, as its connector would.')
    .argument('<device>', 'id of the device')
    .argument('<json>', 'JSON merge patch: what is not in it stays, null removes a key', parseJsonObject)
    .addOption(
      new Option('--output <format>', 'form of the result').choices(['text', 'json']).default('text'),
    );
  addSettingsTopicOptions(command);
  addCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  pusher settings report device123 '{"led":{"color":"blue"}}'`,
    )
    .action((deviceId: string, patch: Readonly<Record<string, unknown>>, options: SettingsCommandOptions) =>
      report(deviceId, patch, options, signal),
    );
}

function report(
  deviceId: string,
  patch: Readonly<Record<string, unknown>>,
  options: SettingsCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  return withSettings(options, signal, async (settings) => {
    const outcome = await settings.reportSettings(deviceId, patch, { signal });
    if (outcome.kind !== 'kept') {
      const message = outcome.kind === 'refused' ? outcome.reason : `try again in ${outcome.afterMs} ms`;
      throw new ValidationError('report', [{ path: '', message }]);
    }
    const { version, reported } = outcome;
    if (options.output === 'json') await writeJson({ version, reported });
    else await writeLines([`version ${version}: ${formatJson(reported)}`]);
  });
}
