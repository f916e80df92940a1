import { existsSync } from 'node:fs';
import { type ApiKeyEntry, createApiKey, readApiKeys } from '@preservarium/access';
import { ConfigurationError } from '@preservarium/core';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { parseDuration } from '../duration.js';
import { writeLines, writeNote } from '../output.js';
import { writeRenamed } from '../write-renamed.js';

interface CreateOptions {
  readonly file: string;
  /** In milliseconds. */
  readonly expiresIn?: number;
}

export function addKeysCommand(program: Command): void {
  program
    .command('keys')
    .description('Manage the API keys of the gateway.')
    .command('create')
    .description('Create an API key: prints it once, and adds its hash to the file.')
    .argument('<id>', 'name of the key in logs, policies and commands, for example dashboard')
    .requiredOption('--file <path>', 'file of keys (GATEWAY_KEYS of the gateway); created if there is none')
    .option(
      '--expires-in <duration>',
      'end of the key: 30m, 12h, 90d (default: it does not end)',
      parseDuration,
    )
    .addHelpText(
      'after',
      `
A gateway that runs takes the key within two seconds. To end a key, remove its entry from the file.

Examples:
  pusher keys create dashboard --file keys.yaml
  pusher keys create contractor --file keys.yaml --expires-in 30d`,
    )
    .action(create);
}

async function create(id: string, { file, expiresIn }: CreateOptions): Promise<void> {
  const entries = existsSync(file) ? readApiKeys(file) : [];
  if (entries.some((entry) => entry.id === id)) {
    throw new ConfigurationError(
      `${file} has a key "${id}" already: choose another id, or remove that entry first`,
    );
  }
  const expires = expiresIn === undefined ? undefined : new Date(Date.now() + expiresIn);
  const { text, entry } = createApiKey(id, { expires });
  write(file, [...entries, entry]);
  writeNote(`added to ${file}; the key is shown this once`);
  await writeLines([text]);
}

function write(path: string, entries: readonly ApiKeyEntry[]): void {
  const keys = entries.map(({ created, expires, ...entry }) => ({
    ...entry,
    ...(created && { created: created.toISOString() }),
    ...(expires && { expires: expires.toISOString() }),
  }));
  writeRenamed(path, stringify({ keys }));
}
