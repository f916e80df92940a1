import { type DeviceType, readDeviceTypes } from '@preservarium/capabilities';
import type { Command } from 'commander';
import { writeLines, writeNote } from '../output.js';

export function addCapabilitiesCommand(program: Command): void {
  const capabilities = program
    .command('capabilities')
    .description('Check the declared commands and settings of device types.');
  capabilities
    .command('check')
    .argument('<files...>', 'JSON or YAML: { types: … }, or a W3C Thing Description 1.1')
    .option('--strict', 'refuse what is ignored otherwise: terms that are no keywords of JSON Schema')
    .description(
      'Check files of capabilities, with every JSON Schema in them. A term that is ignored is a warning.',
    )
    .addHelpText(
      'after',
      `
Examples:
  pusher capabilities check lamp.yaml
  pusher capabilities check things/*.td.json
  pusher capabilities check --strict lamp.yaml`,
    )
    .action((files: readonly string[], options: CheckOptions) => check(files, options));
}

interface CheckOptions {
  readonly strict?: boolean;
}

async function check(files: readonly string[], { strict = false }: CheckOptions): Promise<void> {
  for (const file of files) {
    const types = readDeviceTypes(file, { strict, onWarning: writeNote });
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
