import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { freeUdpPort, publishWithMosquitto, startMosquitto } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

test('starts devices of every kind, prints what arrives as JSON, and ends at SIGTERM', async () => {
  await using broker = await startMosquitto();
  const mqtt = ['--mqtt', '2', '--broker', broker.url];
  const coap = ['--coap', '1', '--coap-port', '0', '--coap-polling', '1'];
  const connector = ['--connector', `coap://127.0.0.1:${await freeUdpPort()}`];
  const http = ['--http', '1', '--http-port', '0'];
  const child = start(...mqtt, ...coap, ...connector, ...http, '--output', 'json');

  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    if (said.push(line) === 4) break;
  }
  expect(said).toEqual([
    `device-simulator: mqtt-1 to mqtt-2 on ${broker.url}`,
    expect.stringMatching(/^device-simulator: coap-1 at coap:\/\/127\.0\.0\.1:\d+\/\{deviceId\}$/),
    expect.stringMatching(/^device-simulator: coap-polling-1 polling coap:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^device-simulator: http-1 at http:\/\/127\.0\.0\.1:\d+\/\{deviceId\}$/),
  ]);

  await publishWithMosquitto(broker, { topic: 'devices/mqtt-2/commands', payload: '{"on":true}' });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  expect(JSON.parse(line)).toEqual({
    protocol: 'mqtt',
    deviceId: 'mqtt-2',
    target: 'devices/mqtt-2/commands',
    payload: { on: true },
    mayBeRepeat: false,
    answer: { status: 'succeeded', result: { applied: { on: true } } },
  });

  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});

test.each([
  [['--mqtt', '1', '--broker', 'mqtt://127.0.0.1:1'], 1, /ECONNREFUSED/],
  [[], 2, /no devices/],
] as const)('%j ends with a line that says why', async (args, exitCode, line) => {
  const child = start(...args);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(said).toMatch(line);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(exitCode);
});
