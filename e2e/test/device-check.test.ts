import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import {
  type Mosquitto,
  type MosquittoReceived,
  publishWithMosquitto,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { startMqttDevices } from '@preservarium/device-simulator';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { repository } from '../src/snippets/markdown-blocks.js';

const pusher = new URL('../../apps/cli/dist/main.js', import.meta.url);

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker?.stop());

/** Starts `pusher device check` with its results as JSON, and calls `onTold` with each request on stderr. */
async function check(deviceId: string, args: readonly string[], onTold: (line: string) => void = () => {}) {
  const child = spawn(
    process.execPath,
    [pusher.pathname, 'device', 'check', broker.url, '--device', deviceId, '--output', 'json', ...args],
    { env: { PATH: process.env.PATH } },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  createInterface(child.stderr).on('line', onTold);
  const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    exitCode,
    outcomes: Object.fromEntries(verdicts.map((verdict) => [verdict.check, verdict.outcome])),
    details: Object.fromEntries(verdicts.map((verdict) => [verdict.check, verdict.detail])),
  };
}

/** A device made of mosquitto's programs: it answers each command as `answer` says, and nothing else. */
async function handMadeDevice(
  deviceId: string,
  answer: (message: MosquittoReceived) => object | undefined,
): Promise<void> {
  const commands = await subscribeWithMosquitto(broker, { topic: `devices/${deviceId}/commands` });
  onTestFinished(() => commands.close());
  void (async () => {
    for await (const message of commands.received) {
      const said = answer(message);
      if (said === undefined) continue;
      await publishWithMosquitto(broker, { topic: message.responseTopic, payload: JSON.stringify(said) });
    }
  })();
}

test('the simulated device passes, also after it was turned off and on', async () => {
  await using devices = await startMqttDevices({
    deviceIds: ['lamp-1', 'lamp-2'],
    execute: async () => ({ status: 'succeeded' }),
    url: broker.url,
  });
  const { exitCode, outcomes } = await check(
    'lamp-1',
    ['--settings', '{"led":"on"}', '--return-within', '60s'],
    (line) => {
      if (line.includes('off')) devices.sleep('lamp-1');
      else devices.wake('lamp-1');
    },
  );
  expect(outcomes).toEqual({
    answers: 'pass',
    repeats: 'pass',
    expiry: 'pass',
    settings: 'pass',
    presence: 'pass',
    return: 'pass',
  });
  expect(exitCode).toBe(0);
});

test('a device that executes everything fails at what has expired, at settings and at presence', async () => {
  await handMadeDevice('lamp-3', () => ({ status: 'succeeded' }));
  const { exitCode, outcomes, details } = await check('lamp-3', [
    '--settings',
    '{"led":"on"}',
    '--timeout',
    '3s',
  ]);
  expect(outcomes).toEqual({
    answers: 'pass',
    repeats: 'pass',
    expiry: 'fail',
    settings: 'fail',
    presence: 'fail',
    return: 'skip',
  });
  expect(details.expiry).toContain('expires_at');
  expect(details.settings).toContain('no settings were reported');
  expect(exitCode).toBe(1);
});

test('a device that answers a repeat otherwise, or not at all, fails', async () => {
  const repeated = ({ userProperties }: MosquittoReceived) => userProperties.includes('may_be_repeat:true');
  await handMadeDevice('lamp-4', (message) => ({ status: repeated(message) ? 'failed' : 'succeeded' }));
  await handMadeDevice('lamp-5', (message) => (repeated(message) ? undefined : { status: 'succeeded' }));
  const [otherwise, never] = await Promise.all([
    check('lamp-4', ['--timeout', '3s']),
    check('lamp-5', ['--timeout', '3s']),
  ]);
  expect(otherwise.details.repeats).toContain('ended as succeeded, then as failed');
  expect(never.details.repeats).toContain('was not answered');
  expect([otherwise.outcomes.repeats, never.outcomes.repeats]).toEqual(['fail', 'fail']);
});

test('a device that does not answer, or is not there, fails with what to do', async () => {
  await handMadeDevice('lamp-6', () => undefined);
  const [silent, absent] = await Promise.all([
    check('lamp-6', ['--timeout', '2s']),
    check('lamp-0', ['--timeout', '2s']),
  ]);
  expect(silent.details.answers).toContain('response topic');
  expect(absent.details.answers).toContain('has no subscription');
  expect([silent.exitCode, absent.exitCode]).toEqual([1, 1]);
});

test('the shell script of the documents is a device', async () => {
  const page = await readFile(join(repository, 'docs/devices.md'), 'utf8');
  const script = /```bash\n(.*?)```/s.exec(page)?.[1]?.replaceAll('1883', new URL(broker.url).port) ?? '';
  const device = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
  // The whole group: the shell and the programs of its pipe.
  onTestFinished(() => {
    process.kill(-(device.pid as number), 'SIGKILL');
  });
  await expect
    .poll(async () => (await check('lamp-7', ['--type', 'set_led', '--timeout', '3s'])).outcomes)
    .toEqual({
      answers: 'pass',
      repeats: 'pass',
      expiry: 'fail',
      settings: 'skip',
      presence: 'fail',
      return: 'skip',
    });
});
