import type { Command } from 'commander';
import { addSettingsGetCommand } from './settings-get.js';
import { addSettingsReportCommand } from './settings-report.js';
import { addSettingsSetCommand } from './settings-set.js';
import { addSettingsSignCommand } from './settings-sign.js';
import { addSettingsWatchCommand } from './settings-watch.js';

export function addSettingsCommand(program: Command, signal: AbortSignal): void {
  const settings = program
    .command('settings')
    .description('Show and change the desired settings of devices, and show the reported settings.')
    .addHelpText(
      'after',
      `
Settings are lasting state. Connectors send each device the difference between its desired and reported settings.

Examples:
  pusher settings get device123
  pusher settings set device123 '{"led":{"color":"blue"}}'
  pusher settings watch --device device123`,
    );
  addSettingsGetCommand(settings, signal);
  addSettingsSetCommand(settings, signal);
  addSettingsSignCommand(settings, signal);
  addSettingsReportCommand(settings, signal);
  addSettingsWatchCommand(settings, signal);
}
