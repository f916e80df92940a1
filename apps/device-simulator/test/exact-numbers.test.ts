import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exactNumbers, parseCommand, parseJson } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import {
  freeUdpPort,
  publishWithMosquitto,
  requestWithLibcoap,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Execute,
  startCoapDevices,
  startCoapPollingDevices,
  startHttpDevices,
  startMqttDevices,
} from '../src/index.js';

const execute: Execute = async ({ payload }) => ({ status: 'succeeded', result: { applied: payload } });
const sent = '{"serial":1724442618569203714,"target":21.0,"steps":[1e3,-0]}';
const applied = `{"applied":${sent}}`;

test('an MQTT device answers with the digits of numbers as it got them', async () => {
  await using broker = await startMosquitto();
  await using peer = await subscribeWithMosquitto(broker, { topic: 'devices/lamp/commands/+/response' });
  await using _devices = await startMqttDevices({ deviceIds: ['lamp'], execute, url: broker.url });
  await publishWithMosquitto(broker, { topic: 'devices/lamp/commands/r1', payload: sent });
  const answers = peer.received[Symbol.asyncIterator]();
  await answers.next();
  const { value } = await answers.next();
  expect(String(value.payload)).toBe(`{"status":"succeeded","result":${applied}}`);
});

test('an MQTT device reports the digits of its settings as it got them', async () => {
  await using broker = await startMosquitto();
  await using peer = await subscribeWithMosquitto(broker, { topic: 'devices/lamp/settings/reported' });
  await using _devices = await startMqttDevices({
    deviceIds: ['lamp'],
    execute,
    url: broker.url,
  });
  const reports = peer.received[Symbol.asyncIterator]();
  await publishWithMosquitto(broker, { topic: 'devices/lamp/settings', payload: sent, retain: true });
  expect(String((await reports.next()).value.payload)).toBe(sent);
});

test.each([
  [sent, applied],
  ['1724442618569203714', '{"applied":"1724442618569203714"}'],
  ['21.0', '{"applied":21}'],
])('an HTTP device answers %s with %s', async (body, expected) => {
  await using devices = await startHttpDevices({ deviceIds: ['lamp'], execute });
  const answer = await fetch(`http://127.0.0.1:${devices.port}/lamp/led`, { method: 'POST', body });
  expect(await answer.text()).toBe(expected);
});

test('a CoAP device answers with the digits of numbers as it got them', async () => {
  await using devices = await startCoapDevices({ deviceIds: ['lamp'], execute });
  const url = `coap://127.0.0.1:${devices.port}/lamp/led`;
  const answer = await requestWithLibcoap({ url, method: 'post', payload: sent });
  expect(answer.payload.toString()).toBe(applied);
});

test('a polling CoAP device answers with the digits of numbers as it got them', async () => {
  const port = await freeUdpPort();
  const deliverer = createCoapDeliverer({ listen: { host: '127.0.0.1', port } });
  const reported = Promise.withResolvers<DeviceReport>();
  const connector = {
    reachable: () => true,
    report: async (report: DeviceReport) => reported.resolve(report),
    reported: async () => ({ kind: 'kept' as const }),
  };
  await deliverer.start(connector, { timeoutMs: 5_000 });
  onTestFinished(() => deliverer.close({ timeoutMs: 1_000 }));
  const url = `coap://127.0.0.1:${port}`;
  await using _devices = await startCoapPollingDevices({
    deviceIds: ['valve'],
    execute,
    url,
    pollEveryMs: 50,
  });
  const command = parseCommand({
    deviceId: 'valve',
    commandType: 'set_flow',
    protocol: 'coap',
    payload: parseJson('{"serial":1724442618569203714}') as Record<string, unknown>,
  });
  const context = { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal };
  await expect
    .poll(() => deliverer.deliver(command, context), { timeout: 60_000 })
    .toMatchObject({ kind: 'delivered' });
  const { result } = await reported.promise;
  // A report keeps the texts of its numbers beside their values.
  expect(JSON.stringify(exactNumbers(result))).toBe('{"applied":{"serial":1724442618569203714}}');
});

test.each(['json', 'text'])(
  'the program prints the digits of numbers as they came, as %s',
  async (output) => {
    await using broker = await startMosquitto();
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const options = ['--mqtt', '1', '--broker', broker.url, '--output', output];
    const child = spawn(process.execPath, [main, ...options]);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(createInterface({ input: child.stderr }), 'line');
    await publishWithMosquitto(broker, { topic: 'devices/mqtt-1/commands', payload: sent });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    expect(line).toContain(sent);
  },
);
