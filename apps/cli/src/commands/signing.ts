import { existsSync } from 'node:fs';
import { ConfigurationError } from '@preservarium/core';
import { type Algorithm, algorithms, createSigningJwk, readSigningKey } from '@preservarium/signing';
import { type Command, Option } from 'commander';
import { writeLines } from '../output.js';
import { readTrustedKeys, writeTrustedKeys } from '../trusted-keys.js';
import { writeRenamed } from '../write-renamed.js';

interface TrustedOptions {
  readonly trusted: string;
}

interface CreateOptions extends TrustedOptions {
  readonly key: string;
  readonly id?: string;
  readonly algorithm: Algorithm;
}

const trusted = [
  '--trusted <path>',
  'file of trusted keys (CONNECTOR_TRUSTED_KEYS of the connectors)',
] as const;

export function addSigningCommand(program: Command): void {
  const signing = program
    .command('signing')
    .description('Manage the keys that sign commands, and the file of keys that connectors trust.');
  addCreate(signing);
  addList(signing);
  addDeny(signing);
}

function addCreate(signing: Command): void {
  signing
    .command('create')
    .description('Create a key: writes what signs to one file, and adds what verifies to the trusted keys.')
    .argument('<issuer>', 'owner of the key, whom rules of the policy name as key: for example dashboard')
    .requiredOption('--key <path>', 'file for the key that signs (PUSHER_SIGNING_KEY); must not exist')
    .requiredOption(`${trusted[0]}`, `${trusted[1]}; created if there is none`)
    .option('--id <id>', 'id of the key (default: the issuer and eight random characters)')
    .addOption(
      new Option(
        '--algorithm <name>',
        'Ed25519: connectors cannot sign with what they trust; HS256: faster, and they can',
      )
        .choices(algorithms)
        .default('Ed25519'),
    )
    .addHelpText(
      'after',
      `
Connectors that run trust the key within two seconds; a program takes a changed key file within two seconds as well. To rotate a key, create
another one of the same issuer, then rename its file over that of the program, and remove the old key when no command of it waits any more.

Examples:
  pusher signing create dashboard --key dashboard.json --trusted trusted-keys.yaml
  pusher signing create gateway --key gateway.json --trusted trusted-keys.yaml --algorithm HS256`,
    )
    .action(create);
}

function addList(signing: Command): void {
  signing
    .command('list')
    .description('List the trusted keys: id, tab, issuer, tab, algorithm, tab, trusted or denied.')
    .requiredOption(...trusted)
    .addHelpText(
      'after',
      `
Examples:
  pusher signing list --trusted trusted-keys.yaml`,
    )
    .action(list);
}

function addDeny(signing: Command): void {
  signing
    .command('deny')
    .description('Deny a key that was lost: connectors refuse all that it signed, also commands that wait.')
    .argument('<id>', 'id of the key, as list prints it')
    .requiredOption(...trusted)
    .addHelpText(
      'after',
      `
Examples:
  pusher signing deny dashboard-3f9a1c02 --trusted trusted-keys.yaml`,
    )
    .action(deny);
}

async function create(issuer: string, { key: keyPath, trusted: path, id, algorithm }: CreateOptions) {
  if (existsSync(keyPath)) {
    throw new ConfigurationError(
      `${keyPath} exists already: name another file, and rename it over that of the program once the connectors trust the key`,
    );
  }
  const known = readTrustedKeys(path);
  const { signs, verifies } = createSigningJwk({ issuer, keyId: id, algorithm });
  readSigningKey(signs);
  // Trusted first: a program that signs with a key that nobody trusts would push dead letters.
  writeTrustedKeys(path, { ...known, keys: [...known.keys, verifies] });
  writeRenamed(keyPath, `${JSON.stringify(signs, undefined, 2)}\n`);
  await writeLines([`created ${verifies.kid} in ${keyPath}, and added it to ${path}`]);
}

async function list({ trusted: path }: TrustedOptions): Promise<void> {
  const { keys, denied } = readTrustedKeys(path);
  const known = keys.map(({ kid = '', iss, alg }) => [
    kid,
    iss,
    alg,
    denied.includes(kid) ? 'denied' : 'trusted',
  ]);
  const removed = denied.filter((id) => !keys.some(({ kid }) => kid === id));
  const rows = [...known, ...removed.map((kid) => [kid, '', '', 'denied'])];
  await writeLines(rows.length === 0 ? ['no keys'] : rows.map((row) => row.join('\t')));
}

async function deny(id: string, { trusted: path }: TrustedOptions): Promise<void> {
  const { keys, denied } = readTrustedKeys(path);
  if (!keys.some(({ kid }) => kid === id) && !denied.includes(id)) {
    throw new ConfigurationError(`${path} has no key "${id}": pusher signing list shows those that it has`);
  }
  writeTrustedKeys(path, { keys, denied: [...new Set([...denied, id])] });
  await writeLines([`denied ${id} in ${path}`]);
}
