import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKeysFromFile } from '@preservarium/access';
import { expect, test } from 'vitest';
import { runPusher } from './run-pusher.js';

const newFolder = () => mkdtempSync(join(tmpdir(), 'pusher-access-'));

test('keys create prints a key whose hash is in the file, beside the others', async () => {
  const folder = newFolder();
  const one = await runPusher(['keys', 'create', 'one', '--file', 'keys.yaml'], { folder });
  const two = await runPusher(['keys', 'create', 'two', '--file', 'keys.yaml', '--expires-in', '1d'], {
    folder,
  });
  expect([one.exitCode, two.exitCode]).toEqual([0, 0]);
  const file = join(folder, 'keys.yaml');
  expect(readFileSync(file, 'utf8')).not.toContain(one.stdout.trim().slice(-43));
  const keys = apiKeysFromFile(file);
  expect([keys(one.stdout.trim())?.id, keys(two.stdout.trim())?.id]).toEqual(['one', 'two']);
  const again = await runPusher(['keys', 'create', 'one', '--file', 'keys.yaml'], { folder });
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has a key "one" already') });
});

test('policy test prints the rule that decides', async () => {
  const folder = newFolder();
  const rule = {
    name: 'lights',
    subjects: [{ key: 'app' }],
    devices: { prefixes: ['lamp-'] },
    actions: ['push'],
  };
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify({ rules: [rule] }));
  const ask = (device: string) =>
    runPusher(
      ['policy', 'test', '--policy', 'policy.yaml', '--key', 'app', '--action', 'push', '--device', device],
      { folder },
    );
  expect(await ask('lamp-1')).toMatchObject({ exitCode: 0, stdout: 'allowed by rule "lights"\n' });
  expect(await ask('oven-1')).toMatchObject({
    exitCode: 1,
    stdout: 'refused: rule "lights": is not for the device "oven-1"\n',
  });
});
