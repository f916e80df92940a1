import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSqliteCommandStore } from '../src/index.js';

const built = new URL('../dist/index.js', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a program that has `createSqliteCommandStore`, and gives what it printed. */
async function run(program: string, ...flags: readonly string[]) {
  const source = `import { createSqliteCommandStore } from '${built}'; ${program}`;
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', source], { cwd: folder });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, stderr };
}

test('a program that uses it prints no warning', async () => {
  const program = `
    await using store = await createSqliteCommandStore({ path: 'a.sqlite' });
    await store.save([{ requestId: 'r1', deviceId: 'd1', state: 'failed', timestamp: new Date() }]);
    console.log(await store.countByState());`;
  expect(await run(program)).toEqual({ exitCode: 0, stdout: '{ failed: 1 }\n', stderr: '' });
});

test('a Node without SQLite rejects as an invalid configuration', async () => {
  const program = `createSqliteCommandStore({ path: ':memory:' }).catch(({ code }) => console.log(code));`;
  expect(await run(program, '--no-experimental-sqlite')).toMatchObject({
    stdout: 'CONFIGURATION_INVALID\n',
    stderr: '',
  });
});

test('what was saved outlives the process that is killed right after', async () => {
  const program = `
    const store = await createSqliteCommandStore({ path: 'killed.sqlite' });
    await store.save([{ requestId: 'r1', deviceId: 'd1', state: 'failed', timestamp: new Date() }]);
    process.kill(process.pid, 'SIGKILL');`;
  expect((await run(program)).exitCode).toBe(null);
  await using store = await createSqliteCommandStore({ path: join(folder, 'killed.sqlite') });
  expect(await store.countByState()).toEqual({ failed: 1 });
});

test.each([
  ['in no folder', 'none/commands.sqlite'],
  ['a folder', '.'],
  ['something else', 'text.txt'],
])('a file that is %s is refused', async (_, name) => {
  await writeFile(join(folder, 'text.txt'), 'x'.repeat(5_000));
  const opening = createSqliteCommandStore({ path: join(folder, name) });
  await expect(opening).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});

test.each([
  ['deleted', (path: string) => rm(path)],
  [
    'replaced',
    async (path: string) => {
      await rm(path);
      await (await createSqliteCommandStore({ path })).close();
    },
  ],
])('a file that is %s under an open store fails its calls', async (name, harm) => {
  const path = join(folder, `${name}.sqlite`);
  await using store = await createSqliteCommandStore({ path });
  const event = { requestId: 'r1', deviceId: 'd1', state: 'failed', timestamp: new Date(0) } as const;
  await store.save([event]);
  await harm(path);
  for (const call of [store.save([event]), store.countByState()]) {
    await expect(call).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('was deleted or replaced'),
    });
  }
});

test('a damaged file fails with the command that rebuilds it', async () => {
  const path = join(folder, 'damaged.sqlite');
  await (await createSqliteCommandStore({ path })).close();
  const content = await readFile(path);
  await writeFile(path, Buffer.concat([content.subarray(0, 100), Buffer.alloc(content.length - 100, 0xff)]));
  await expect(createSqliteCommandStore({ path })).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining(`pusher store rebuild --store sqlite:${path}`),
  });
});
