import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectorArguments,
  type ProbeAnswer,
  startConnector,
} from '@preservarium/connector-process/testing';
import { decodeLifecycleEvent, encodeCommand, parseCommand } from '@preservarium/core';
import {
  createTestTopic,
  freeUdpPort,
  readTopic,
  requestWithLibcoap,
  startLibcoapServer,
  writeTopic,
} from '@preservarium/dev-services';
import { afterEach, beforeEach, expect, test } from 'vitest';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const main = new URL('../dist/main.js', import.meta.url);

let topic: string;
let folder: string;
beforeEach(async () => {
  topic = await createTestTopic(kafka, { partitions: 1 });
  folder = await mkdtemp(join(tmpdir(), 'coap-connector-'));
});
afterEach(() => rm(folder, { recursive: true }));

function push(
  deviceId: string,
  given: { readonly requestId?: string; readonly path?: string } = {},
): Promise<void> {
  const command = parseCommand({
    requestId: 'r1',
    deviceId,
    commandType: 'set_rate',
    protocol: 'coap',
    method: 'PUT',
    path: 'example_data',
    payload: { litres: 3 },
    ...given,
  });
  return writeTopic(kafka, topic, [{ partition: 0, key: deviceId, value: encodeCommand(command) }]);
}

async function events() {
  const records = await readTopic(kafka, `${topic}-events`);
  return records.map(({ value }) => {
    const decoded = decodeLifecycleEvent(value);
    return decoded.ok ? decoded.event : decoded;
  });
}

const isBusy = ({ body }: ProbeAnswer) => body.ready === true && body.inFlight === 1;

test('asked to end, it waits until a device of the directory has answered', async () => {
  await using pump = await startLibcoapServer();
  const directory = join(folder, 'devices.yaml');
  await writeFile(directory, `pump-7: ${pump.url}\n`);
  const args = [...connectorArguments(topic), '--coap-device-directory', directory];
  await using connector = startConnector(main, args);
  pump.freeze();
  await push('pump-7');
  await connector.until('/readyz', isBusy);
  connector.kill('SIGTERM');
  await connector.logged('stopping');
  pump.thaw();
  expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
  const { payload } = await requestWithLibcoap({ url: `${pump.url}/example_data` });
  expect(String(payload)).toBe('{"litres":3}');
  expect((await events()).at(-1)).toMatchObject({ state: 'delivered', evidence: 'device' });
});

test('asked to end, it waits until a device that polls has acknowledged', async () => {
  const port = await freeUdpPort();
  const url = `coap://127.0.0.1:${port}/commands/pump-7`;
  const args = [...connectorArguments(topic), '--coap-listen-port', String(port)];
  await using connector = startConnector(main, args);
  await push('pump-7');
  await connector.until('/readyz', isBusy);
  const { code, payload, options } = await requestWithLibcoap({ url });
  expect({ code, payload: String(payload) }).toEqual({ code: '2.05', payload: '{"litres":3}' });
  expect(options).toContain('Location-Path:r1');

  connector.kill('SIGTERM');
  await connector.logged('stopping');
  expect(await requestWithLibcoap({ url: `${url}/r1`, method: 'post' })).toMatchObject({ code: '2.04' });
  expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
  expect((await events()).at(-1)).toMatchObject({ state: 'delivered', evidence: 'device' });
});

test('a command to a path that the device does not have is rejected, and holds up no other command', async () => {
  await using pump = await startLibcoapServer();
  const directory = join(folder, 'devices.yaml');
  await writeFile(directory, `pump-7: ${pump.url}\n`);
  await push('pump-7', { requestId: 'mistyped', path: 'time/exmaple_data' });
  await push('pump-7', { requestId: 'behind' });
  const args = [...connectorArguments(topic), '--coap-device-directory', directory];
  await using _connector = startConnector(main, args);
  const ends = async () =>
    (await events()).flatMap((event) =>
      'state' in event && event.state !== 'dispatched' ? [`${event.requestId} ${event.state}`] : [],
    );
  await expect.poll(ends, { timeout: 30_000 }).toEqual(['mistyped rejected', 'behind delivered']);
});

test('a port that is taken', async () => {
  await using pump = await startLibcoapServer();
  const args = [...connectorArguments(topic), '--coap-listen-port', String(pump.port)];
  await using connector = startConnector(main, [...args, '--coap-listen-host', '127.0.0.1']);
  const { exitCode, stderr } = await connector.ended;
  expect(stderr).toMatch(/^coap-connector: CONFIGURATION_INVALID: COAP_LISTEN_PORT: .*EADDRINUSE.*\n$/);
  expect(exitCode).toBe(2);
});
