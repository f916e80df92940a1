import type { Command } from 'commander';
import { addSettingsGetCommand } from './settings-get.js';
import { addSettingsReportCommand } from './settings-report.js';
import { addSettingsSetCommand } from './settings-set.js';
import { addSettingsWatchCommand } from './settings-watch.js';

export function addSettingsCommand(program: Command, signal: AbortSignal): void {
  const settings = program
    .command('settings')
    .description('Read and change what is desired of devices, and see what they report.')
    .addHelpText(
      'after',
      `
Settings are a state that lasts; connectors bring to each device what it lacks of what is desired.

Examples:
  pusher settings get device123
  pusher settings set device123 '{"led":{"color":"blue"}}'
  pusher settings watch --device device123`,
    );
  addSettingsGetCommand(settings, signal);
  addSettingsSetCommand(settings, signal);
  addSettingsReportCommand(settings, signal);
  addSettingsWatchCommand(settings, signal);
}
