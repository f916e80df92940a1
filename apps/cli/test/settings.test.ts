import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultOf, runPusher, startPusher } from './run-pusher.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(['kafkajs', 'rdkafka'])('%s', (backend) => {
  function createWorld() {
    const name = `test-${randomUUID()}`;
    const environment = {
      PUSHER_BACKEND: backend,
      DEVICE_SETTINGS_TOPIC: `${name}-settings`,
      DEVICE_REPORTED_SETTINGS_TOPIC: `${name}-reported`,
    };
    return {
      settings: (...args: string[]) => runPusher(['settings', ...args], { folder, environment }),
      start: (...args: string[]) => startPusher(['settings', ...args], { folder, environment }),
    };
  }

  test('set changes what is desired, report what the device has, get shows both and what is lacking', async () => {
    const { settings } = createWorld();
    const set = await settings('set', 'd1', '{"led":{"color":"blue"},"rate":5}', '--protocol', 'coap');
    expect(set).toMatchObject({ exitCode: 0, stderr: '' });
    expect(set.stdout).toBe('version 0: {"led":{"color":"blue"},"rate":5}\n');
    const again = await settings('set', 'd1', '{"led":{"on":true},"rate":null}', '--output', 'json');
    expect(JSON.parse(again.stdout)).toEqual({
      requestId: expect.any(String),
      version: 1,
      desired: { led: { color: 'blue', on: true } },
    });
    const report = await settings('report', 'd1', '{"led":{"on":true}}');
    expect(report.stdout).toBe('version 0: {"led":{"on":true}}\n');
    const get = await settings('get', 'd1', '--output', 'json');
    expect(JSON.parse(get.stdout)).toMatchObject({
      deviceId: 'd1',
      protocol: 'coap',
      desiredVersion: 1,
      reportedVersion: 0,
      difference: { led: { color: 'blue' } },
    });
    expect((await settings('get', 'd1')).stdout.split('\n')).toEqual([
      'device    d1, coap',
      expect.stringMatching(/^desired {3}version 1 of \S+Z: {"led":{"color":"blue","on":true}}$/),
      expect.stringMatching(/^reported {2}version 0 of \S+Z: {"led":{"on":true}}$/),
      'lacks     {"led":{"color":"blue"}}',
      '',
    ]);
  });

  test('numbers are shown and compared with the digits that they were given with', async () => {
    const { settings } = createWorld();
    const text = '{"serial":1724442618569203714,"limit":21.0}';
    expect((await settings('set', 'd1', text)).stdout).toBe(`version 0: ${text}\n`);
    const reported = '{"serial":1724442618569203700,"limit":21}';
    expect((await settings('report', 'd1', reported)).stdout).toBe(`version 0: ${reported}\n`);
    const { stdout } = await settings('get', 'd1', '--output', 'json');
    expect(stdout).toContain(`"desired":${text}`);
    expect(stdout).toContain('"difference":{"serial":1724442618569203714}');
  });

  test('set --if-version for another version changes nothing and exits with 4', async () => {
    const { settings } = createWorld();
    expect(await settings('set', 'd1', '{"a":1}', '--if-version', '-1')).toMatchObject({ exitCode: 0 });
    expect(await settings('set', 'd1', '{"a":2}', '--if-version', '7')).toEqual({
      exitCode: 4,
      stdout: '',
      stderr:
        'pusher: SETTINGS_CONFLICT: the settings of "d1" have version 0, not 7: ' +
        'read the current settings and push again for version 0\n',
    });
    expect((await settings('get', 'd1')).stdout).toContain('{"a":1}');
  });

  test('get of a device without settings fails', async () => {
    const { settings } = createWorld();
    expect(await settings('get', 'd1')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'pusher: VALIDATION_FAILED: invalid device: device "d1" has no desired and no reported settings\n',
    });
  });

  test('watch prints what is there of a device, and each change', async () => {
    const { settings, start } = createWorld();
    await settings('set', 'd1', '{"a":1}');
    const watch = start('watch', '--device', 'd1', '--max', '2');
    const result = resultOf(watch);
    await once(watch.stdout, 'data');
    await settings('report', 'd1', '{"a":1}');
    expect(await result).toEqual({
      exitCode: 0,
      stdout: 'd1  desired 0  reported -  lacks {"a":1}\nd1  desired 0  reported 0  lacks nothing\n',
      stderr: '',
    });
  });
});

test('a patch that is no JSON object is a wrong argument', async () => {
  const result = await runPusher(['settings', 'set', 'd1', '[1]'], { folder });
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toContain('Give a JSON object');
});
