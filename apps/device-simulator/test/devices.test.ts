import { parseCommand } from '@preservarium/core';
import type { DeviceReport } from '@preservarium/deliverer';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import {
  freeUdpPort,
  publishWithMosquitto,
  requestWithLibcoap,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import {
  type ArrivedCommand,
  type Execute,
  startCoapDevices,
  startCoapPollingDevices,
  startHttpDevices,
  startMqttDevices,
} from '../src/index.js';

/** Executes what can be executed, and remembers what arrived. */
function recording() {
  const arrived: ArrivedCommand[] = [];
  const execute: Execute = async (command) => {
    arrived.push(command);
    const { payload } = command;
    if (payload === 'ff') return { status: 'rejected', reason: 'not for me' };
    return { status: 'succeeded', result: { applied: payload } };
  };
  return { arrived, execute };
}

const context = { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal };

test('HTTP devices answer, refuse, and break off when they are away', async () => {
  const { arrived, execute } = recording();
  await using devices = await startHttpDevices({ deviceIds: ['lamp', 'pump'], execute });
  const send = (deviceId: string, body: string | Buffer) =>
    fetch(`http://127.0.0.1:${devices.port}/${deviceId}/led`, {
      method: 'POST',
      body,
      headers: { 'idempotency-key': 'r1', 'command-type': 'set_led' },
    });

  const answer = await send('lamp', '{"on":true}');
  expect([answer.status, await answer.json()]).toEqual([200, { applied: { on: true } }]);
  expect(arrived).toEqual([
    {
      protocol: 'http',
      deviceId: 'lamp',
      target: '/led',
      requestId: 'r1',
      commandType: 'set_led',
      payload: { on: true },
      mayBeRepeat: false,
    },
  ]);
  const refusal = await send('lamp', Buffer.of(0xff));
  expect([refusal.status, await refusal.json()]).toEqual([400, { reason: 'not for me' }]);
  expect((await send('stranger', '{}')).status).toBe(404);

  devices.sleep('lamp');
  await expect(send('lamp', '{}')).rejects.toThrow('fetch failed');
  expect((await send('pump', '{}')).status).toBe(200);
  devices.wake('lamp');
  expect((await send('lamp', '{}')).status).toBe(200);
});

test('a device that goes away while it executes gives no answer', async () => {
  const begun = Promise.withResolvers<void>();
  const execute: Execute = (_, signal) => {
    begun.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  await using devices = await startHttpDevices({ deviceIds: ['lamp'], execute });
  const sending = fetch(`http://127.0.0.1:${devices.port}/lamp`, { method: 'POST', body: '{}' });
  await begun.promise;
  devices.sleep('lamp');
  await expect(sending).rejects.toThrow('fetch failed');
});

test('CoAP devices answer libcoap', async () => {
  const { arrived, execute } = recording();
  await using devices = await startCoapDevices({ deviceIds: ['lamp'], execute });
  const url = `coap://127.0.0.1:${devices.port}/lamp/led/1`;
  const answer = await requestWithLibcoap({ url, method: 'post', payload: '{"on":true}' });
  expect([answer.code, answer.payload.toString()]).toEqual(['2.04', '{"applied":{"on":true}}']);
  expect(arrived).toEqual([
    { protocol: 'coap', deviceId: 'lamp', target: '/led/1', payload: { on: true }, mayBeRepeat: false },
  ]);
  const stranger = await requestWithLibcoap({
    url: `coap://127.0.0.1:${devices.port}/stranger`,
    method: 'post',
  });
  expect(stranger.code).toBe('4.04');
});

test('a CoAP device that is away is silent', async () => {
  const { execute } = recording();
  await using devices = await startCoapDevices({ deviceIds: ['lamp'], execute });
  const deliverer = createCoapDeliverer({
    directory: (deviceId) => `coap://127.0.0.1:${devices.port}/${deviceId}`,
    timeoutMs: 500,
  });
  await deliverer.start(
    { reachable: () => false, report: async () => {}, reported: async () => ({ kind: 'kept' as const }) },
    { timeoutMs: 5_000 },
  );
  const command = parseCommand({ deviceId: 'lamp', commandType: 'set_led', protocol: 'coap' });
  devices.sleep('lamp');
  expect(await deliverer.deliver(command, context)).toMatchObject({ kind: 'retryable', unreachable: true });
  devices.wake('lamp');
  expect(await deliverer.deliver(command, context)).toMatchObject({ kind: 'delivered', evidence: 'device' });
  await deliverer.close({ timeoutMs: 1_000 });
});

test('polling CoAP devices fetch their commands from a connector, and say how they ended', async () => {
  const { arrived, execute } = recording();
  const port = await freeUdpPort();
  const deliverer = createCoapDeliverer({ listen: { host: '127.0.0.1', port } });
  const asked = Promise.withResolvers<string>();
  const reported = Promise.withResolvers<DeviceReport>();
  const connector = {
    reachable(deviceId: string) {
      asked.resolve(deviceId);
      return true;
    },
    report: async (report: DeviceReport) => reported.resolve(report),
    reported: async () => ({ kind: 'kept' as const }),
  };
  await deliverer.start(connector, { timeoutMs: 5_000 });
  const url = `coap://127.0.0.1:${port}`;
  await using _devices = await startCoapPollingDevices({
    deviceIds: ['valve'],
    execute,
    url,
    pollEveryMs: 50,
  });

  expect(await asked.promise).toBe('valve');
  const command = parseCommand({
    deviceId: 'valve',
    commandType: 'set_flow',
    protocol: 'coap',
    requestId: 'r1',
    // More than fits into one block.
    payload: { litres: 5, note: 'x'.repeat(2_000) },
  });
  expect(await deliverer.deliver(command, context)).toEqual({ kind: 'delivered', evidence: 'device' });
  // Such a result is more than the device can send.
  expect(await reported.promise).toEqual({ deviceId: 'valve', requestId: 'r1', state: 'succeeded' });
  expect(arrived).toMatchObject([{ requestId: 'r1', commandType: 'set_flow', payload: command.payload }]);
  await deliverer.close({ timeoutMs: 1_000 });
});

test.each([5, 4] as const)(
  'MQTT devices acknowledge and answer, and the broker keeps what they miss (version %i)',
  async (protocolVersion) => {
    const { arrived, execute } = recording();
    await using broker = await startMosquitto();
    await using peer = await subscribeWithMosquitto(broker, { topic: 'devices/#', protocolVersion });
    await using devices = await startMqttDevices({
      deviceIds: ['lamp'],
      execute,
      url: broker.url,
      protocolVersion,
    });
    const messages = peer.received[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await messages.next();
      return `${value.topic} ${value.payload}`;
    };
    const send = (requestId: string) =>
      publishWithMosquitto(broker, { topic: `devices/lamp/commands/${requestId}`, payload: '{"on":true}' });

    expect(await next()).toBe('devices/lamp/status online');
    await send('r1');
    expect(await next()).toBe('devices/lamp/commands/r1 {"on":true}');
    expect(await next()).toBe('devices/lamp/commands/r1/response {"status":"delivered"}');
    expect(await next()).toBe(
      'devices/lamp/commands/r1/response {"status":"succeeded","result":{"applied":{"on":true}}}',
    );

    devices.sleep('lamp');
    expect(await next()).toBe('devices/lamp/status offline');
    await send('r2');
    expect(await next()).toBe('devices/lamp/commands/r2 {"on":true}');
    devices.wake('lamp');
    const heard = [await next(), await next(), await next()];
    expect(heard).toContain('devices/lamp/status online');
    expect(heard).toContain(
      'devices/lamp/commands/r2/response {"status":"succeeded","result":{"applied":{"on":true}}}',
    );
    expect(arrived.map(({ requestId }) => requestId)).toEqual(['r1', 'r2']);
  },
);

test('MQTT devices subscribe again on a broker that has forgotten them', async () => {
  const { execute } = recording();
  await using broker = await startMosquitto();
  await using peer = await subscribeWithMosquitto(broker, { topic: 'devices/+/status' });
  const messages = peer.received[Symbol.asyncIterator]();
  await using _devices = await startMqttDevices({ deviceIds: ['lamp'], execute, url: broker.url });
  await messages.next();
  await broker.kill();
  await broker.start();
  await messages.next();

  await using answers = await subscribeWithMosquitto(broker, { topic: 'devices/lamp/commands/+/response' });
  await publishWithMosquitto(broker, { topic: 'devices/lamp/commands/r1', payload: '{}' });
  const { value } = await answers.received[Symbol.asyncIterator]().next();
  expect(String(value.payload)).toBe('{"status":"delivered"}');
});

test('devices with a server keep their settings, and answer with all that they have', async () => {
  const { execute } = recording();
  await using http = await startHttpDevices({ deviceIds: ['lamp'], execute });
  const put = async (settings: object) => {
    const body = JSON.stringify(settings);
    const headers = { 'command-type': 'settings' };
    const url = `http://127.0.0.1:${http.port}/lamp/settings`;
    return (await fetch(url, { method: 'PUT', body, headers })).json();
  };
  expect(await put({ a: 1, b: 1 })).toEqual({ a: 1, b: 1 });
  expect(await put({ a: null, b: 2 })).toEqual({ b: 2 });
  await using coap = await startCoapDevices({ deviceIds: ['lamp'], execute });
  const url = `coap://127.0.0.1:${coap.port}/lamp/settings`;
  const answer = await requestWithLibcoap({ url, method: 'put', payload: '{"a":1}' });
  expect(JSON.parse(answer.payload.toString())).toEqual({ a: 1 });
});

test.each(['5', '3.1.1'])(
  'MQTT %s devices take the newest settings when they are back, and report',
  async (version) => {
    const protocolVersion = version === '5' ? 5 : 4;
    await using broker = await startMosquitto();
    const { arrived, execute } = recording();
    await using devices = await startMqttDevices({
      deviceIds: ['lamp'],
      execute,
      url: broker.url,
      protocolVersion,
    });
    const topic = 'devices/lamp/settings';
    await using reports = await subscribeWithMosquitto(broker, { topic: `${topic}/reported` });
    devices.sleep('lamp');
    for (const a of [1, 2]) {
      await publishWithMosquitto(broker, { topic, payload: JSON.stringify({ a }), retain: true });
    }
    devices.wake('lamp');
    const { value } = await reports.received[Symbol.asyncIterator]().next();
    expect(JSON.parse(value.payload)).toEqual({ a: 2 });
    expect(arrived.map(({ payload }) => payload)).toEqual([{ a: 2 }]);
  },
);
