import { type DeviceType, readDeviceTypes } from '@preservarium/capabilities';
import type { Command } from 'commander';
import { writeLines } from '../output.js';

export function addCapabilitiesCommand(program: Command): void {
  const capabilities = program
    .command('capabilities')
    .description('Check the declared commands and settings of device types.');
  capabilities
    .command('check')
    .argument('<files...>', 'JSON or YAML: { types: … }, or a W3C Thing Description 1.1')
    .description('Check files of capabilities, with every JSON Schema in them.')
    .addHelpText(
      'after',
      `
Examples:
  pusher capabilities check lamp.yaml
  pusher capabilities check things/*.td.json`,
    )
    .action((files: readonly string[]) => check(files));
}

async function check(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const types = readDeviceTypes(file);
    await writeLines(types.map((type) => `${file}: ${summarize(type)}`));
  }
}

function summarize({ name, commands, settings }: DeviceType): string {
  return `${name} has ${listOf('commands', commands)} and ${listOf('settings', settings)}`;
}

function listOf(what: string, named: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(named);
  return names.length === 0 ? `no ${what}` : `the ${what} ${names.join(', ')}`;
}
