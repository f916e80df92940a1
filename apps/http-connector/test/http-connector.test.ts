import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { decodeLifecycleEvent, encodeCommand, parseCommand } from '@preservarium/core';
import { verifySignature } from '@preservarium/deliverer-http';
import { createTestTopic, readTopic, writeTopic } from '@preservarium/dev-services';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const main = new URL('../dist/main.js', import.meta.url);
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const gateway = createServer();
let topic: string;
let directory: string;
beforeEach(async () => {
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  directory = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/devices/{deviceId}`;
  topic = await createTestTopic(kafka, { partitions: 1 });
  const command = parseCommand({
    requestId: 'r1',
    deviceId: 'lamp-7',
    commandType: 'set_led',
    protocol: 'http',
    path: 'led',
    payload: { on: true },
  });
  await writeTopic(kafka, topic, [{ partition: 0, key: 'lamp-7', value: encodeCommand(command) }]);
});
afterEach(() => {
  gateway.closeAllConnections();
  gateway.close();
});

const start = (environment: Readonly<Record<string, string>> = {}) =>
  startConnector(main, [...connectorArguments(topic), '--http-device-directory', directory], { environment });

async function events() {
  const records = await readTopic(kafka, `${topic}-events`);
  return records.map(({ value }) => {
    const decoded = decodeLifecycleEvent(value);
    return decoded.ok ? decoded.event : decoded;
  });
}

test('delivers a signed command, and ends with 0 when asked to', async () => {
  const requested = once(gateway, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  await using connector = start({ HTTP_SIGNING_SECRET: `${secret},${secret}`, HTTP_EVIDENCE: 'device' });
  const [request, response] = await requested;
  const body = await buffer(request);
  const { method = '', url: path = '', headers } = request;
  expect({ method, path, body: String(body) }).toEqual({
    method: 'POST',
    path: '/devices/lamp-7/led',
    body: '{"on":true}',
  });
  expect(verifySignature({ method, path, headers, body }, { secret })).toBe(true);
  await connector.until('/readyz', ({ status, body }) => status === 200 && body.inFlight === 1);

  connector.kill('SIGTERM');
  await connector.logged('stopping');
  response.end();
  expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
  expect(await events()).toMatchObject([{ state: 'dispatched' }, { state: 'delivered', evidence: 'device' }]);
});

test('a command to a path that the device does not have is rejected, and holds up no other command', async () => {
  const paths: unknown[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    paths.push(request.url);
    response.writeHead(request.url === '/devices/lamp-7/lde' ? 404 : 204).end();
  };
  gateway.on('request', answer);
  for (const path of ['lde', 'dim']) {
    const command = parseCommand({
      requestId: path,
      deviceId: 'lamp-7',
      commandType: 'set_led',
      protocol: 'http',
      path,
    });
    await writeTopic(kafka, topic, [{ partition: 0, key: 'lamp-7', value: encodeCommand(command) }]);
  }
  await using _connector = start();
  const ends = async () =>
    (await events()).flatMap((event) =>
      'state' in event && event.state !== 'dispatched' ? [`${event.requestId} ${event.state}`] : [],
    );
  await expect.poll(ends, { timeout: 30_000 }).toHaveLength(3);
  gateway.off('request', answer);
  expect(await ends()).toEqual(['r1 delivered', 'lde rejected', 'dim delivered']);
  expect(paths).toEqual(['led', 'lde', 'dim'].map((path) => `/devices/lamp-7/${path}`));
});

test('a device with a path and payloads of its own ends a command by its response', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'http-connector-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [types, devices] = [join(folder, 'types.yaml'), join(folder, 'devices.yaml')];
  const rules =
    '{ path: "/{commandType}", payload: text, answer: { payload: text, success: { equals: OK }, failure: { pattern: ERR } } }';
  await writeFile(types, `types: { plc: { http: ${rules}, commands: { switch: {}, set_led: {} } } }`);
  await writeFile(devices, 'plc-1: plc\n');
  const seen: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = String(await buffer(request));
    seen.push(`${request.url} ${body}`);
    response.end(body === 'ON' ? 'OK' : 'ERR 7');
  };
  gateway.on('request', answer);
  onTestFinished(() => void gateway.off('request', answer));
  for (const value of ['ON', 'HALF']) {
    const command = parseCommand({
      requestId: value,
      deviceId: 'plc-1',
      commandType: 'switch',
      protocol: 'http',
      payload: { $value: value },
      requiredEvidence: 'executed',
    });
    await writeTopic(kafka, topic, [{ partition: 0, key: 'plc-1', value: encodeCommand(command) }]);
  }
  await using _connector = start({ HTTP_DEVICE_TYPES: types, HTTP_DEVICES: devices });
  const ofPlc = async () =>
    (await events()).filter((event) => 'state' in event && event.deviceId === 'plc-1');
  await expect.poll(ofPlc, { timeout: 30_000 }).toMatchObject([
    { requestId: 'ON', state: 'dispatched' },
    { requestId: 'ON', state: 'succeeded', evidence: 'executed', result: 'OK' },
    { requestId: 'HALF', state: 'dispatched' },
    { requestId: 'HALF', state: 'failed', evidence: 'executed', reason: 'ERR 7' },
  ]);
  expect(seen.filter((each) => each.includes('plc-1'))).toEqual([
    '/devices/plc-1/switch ON',
    '/devices/plc-1/switch HALF',
  ]);
});
