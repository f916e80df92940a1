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
    .description('Report the settings of a device in its place, as its connector does.')
    .argument('<device>', 'id of the device')
    .argument(
      '<json>',
      'JSON merge patch: absent keys keep their values, null removes a key',
      parseJsonObject,
    )
    .addOption(
      new Option('--output <format>', 'format of the result').choices(['text', 'json']).default('text'),
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
