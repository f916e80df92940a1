import { generateTypes, readDeviceTypes } from '@preservarium/capabilities';
import type { Command } from 'commander';
import { writeLines, writeNote } from '../output.js';

export function addTypesCommand(program: Command): void {
  program
    .command('types')
    .description('Generate TypeScript for device types.')
    .command('generate')
    .argument('<files...>', 'JSON or YAML: { types: … }, or a W3C Thing Description 1.1')
    .description(
      'Print a module with the commands of each device type and the types of its payloads and settings.',
    )
    .addHelpText(
      'after',
      `
Example:
  pusher types generate lamp.yaml > src/lamp.ts`,
    )
    .action((files: readonly string[]) => generate(files));
}

async function generate(files: readonly string[]): Promise<void> {
  const source = generateTypes(files.flatMap((file) => readDeviceTypes(file, { onWarning: writeNote })));
  await writeLines(source.trimEnd().split('\n'));
}
