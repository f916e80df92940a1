import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createMissingTopics } from '@preservarium/backend';
import { encodeLifecycleEvent } from '@preservarium/core';
import {
  type Mosquitto,
  type Postgres,
  startMosquitto,
  startPostgres,
  writeTopic,
} from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';
import { markdownBlocks, repository } from '../src/snippets/markdown-blocks.js';
import { serviceAddresses } from '../src/snippets/service-addresses.js';
import {
  announcedLines,
  type SnippetProgram,
  snippetPrograms,
  writePrograms,
} from '../src/snippets/snippet-programs.js';

const e2e = join(import.meta.dirname, '..');
const blocks = markdownBlocks();
const programs = snippetPrograms(blocks.filter(({ language }) => language === 'ts'));
const timeoutMs = 120_000;

let folder: string;
let broker: Mosquitto;
let postgres: Postgres;
let withAddresses: (text: string) => string;
beforeAll(async () => {
  // Beside the tests, so that the packages resolve.
  folder = await mkdtemp(join(e2e, '.snippets-'));
  [broker, postgres] = await Promise.all([startMosquitto(), startPostgres()]);
  const kafka = sharedKafka();
  withAddresses = await serviceAddresses({
    kafka: kafka.brokers,
    mqtt: broker.url,
    postgres: await postgres.createDatabase(),
  });
  const backend = backends.kafkajs(kafka);
  const topics = ['device_commands', 'device_settings', 'device_command_events'];
  await createMissingTopics(
    backend,
    topics.map((topic) => ({ topic, partitions: 1 })),
  );
  await backend.close({ timeoutMs: 10_000 });
  // So that the command stores of the examples have something to keep.
  const event = { requestId: 'r1', deviceId: 'd1', state: 'waiting', timestamp: new Date() } as const;
  await writeTopic(kafka, 'device_command_events', [
    { partition: 0, key: 'd1', value: encodeLifecycleEvent(event) },
  ]);
});
afterAll(async () => {
  await Promise.all([broker?.stop(), postgres?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

test('every code block of JavaScript is TypeScript', () => {
  expect(
    blocks.filter(({ language }) => ['js', 'javascript', 'typescript', 'mjs'].includes(language)),
  ).toEqual([]);
});

// Node 22.18, which users may have, cannot parse it.
test.each(programs)('$name has no `await using`', ({ text }) => {
  expect(text).not.toContain('await using');
});

test(
  'all programs compile',
  async () => {
    await promisify(execFile)('turbo', ['run', 'declarations', '--output-logs=errors-only'], {
      cwd: repository,
    });
    const all = join(folder, 'compiled');
    await mkdir(all);
    await writePrograms(all, programs);
    await writeFile(join(all, 'lamp.ts'), await generatedTypes());
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
    await writeFile(
      join(all, 'tsconfig.json'),
      JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }),
    );
    const run = [join(e2e, 'node_modules/typescript/bin/tsc'), '-p', all];
    const stdout = await promisify(execFile)(process.execPath, run).then(
      (result) => result.stdout,
      (error) => error.stdout,
    );
    expect(stdout).toBe('');
  },
  timeoutMs,
);

describe.concurrent('programs', () => {
  const runs = programs.filter(({ mode }) => mode === 'run');
  test.each(runs)('$name runs', (program) => expectToRun(program), timeoutMs);

  const readme = programs.find(({ name }) => name.startsWith('README.md:')) as SnippetProgram;
  test(
    'the README runs with its one change to rdkafka',
    () => {
      const text = readme.text.replaceAll('kafkajs', 'rdkafka').replaceAll('Kafkajs', 'Rdkafka');
      return expectToRun({ ...readme, name: 'README.md-rdkafka', text });
    },
    timeoutMs,
  );

  test.each(programs.filter(({ mode }) => mode === 'until-sigterm'))(
    '$name starts, and ends with SIGTERM',
    async (program) => {
      const child = spawn(process.execPath, [await fileOf(program)], { cwd: folder });
      const errors = text(child.stderr);
      const exited = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), exited]);
      child.kill('SIGTERM');
      expect({ exited: await exited, errors: await errors }).toEqual({ exited: [0, null], errors: '' });
    },
    timeoutMs,
  );
});

/** Returns what `pusher types generate` prints for the device types of the README of capabilities. */
async function generatedTypes(): Promise<string> {
  const example = blocks.find(
    ({ document, language }) => document === 'packages/capabilities/README.md' && language === 'yaml',
  );
  const file = join(folder, 'lamp.yaml');
  await writeFile(file, example?.text ?? '');
  const pusher = join(repository, 'apps/cli/dist/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [pusher, 'types', 'generate', file]);
  return stdout;
}

/** Runs a program in a folder of its own, with the addresses of the services of the tests, and compares what it prints. */
async function expectToRun(program: SnippetProgram): Promise<void> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [await fileOf(program)], {
    cwd: folder,
    timeout: timeoutMs,
  });
  const printed = `${stdout}${stderr}`.split('\n');
  for (const line of announcedLines(program.text)) {
    const start = line.replace(/ \.\.\.$/, '');
    // An object may be printed over several lines.
    const isObject = /^[{[]/.test(line) && oneLine(printed.join(' ')).includes(line);
    const isPrinted =
      start === line ? isObject || printed.includes(line) : printed.some((each) => each.startsWith(start));
    expect(isPrinted, `"${line}" is not in:\n${printed.join('\n')}`).toBe(true);
  }
}

function oneLine(output: string): string {
  return output.replaceAll(/\s+/g, ' ');
}

async function fileOf({ name, text: source, mode }: SnippetProgram): Promise<string> {
  const [file = ''] = await writePrograms(folder, [{ name, mode, text: withAddresses(source) }]);
  return file;
}
