import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { publishWithMosquitto, startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

// The one that mqtt.js comes with.
const webSockets = createRequire(createRequire(import.meta.url).resolve('mqtt'))('ws');

/** A WebSocket listener before a broker, which keeps the requests that open its connections. */
async function startWebSocketListener(brokerPort: number) {
  const requests: IncomingMessage[] = [];
  const server = createServer();
  const listener = new webSockets.WebSocketServer({ server, handleProtocols: () => 'mqtt' });
  listener.on('connection', (socket: unknown, request: IncomingMessage) => {
    requests.push(request);
    const client: Duplex = webSockets.createWebSocketStream(socket);
    const broker = connect(brokerPort, '127.0.0.1');
    client.pipe(broker).pipe(client);
    client.on('error', () => broker.destroy());
    broker.on('error', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { requests, address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.each([5, 4] as const)(
  'MQTT version %i over WebSocket: with path, query and headers, of which no log line has the query',
  async (protocolVersion) => {
    await using broker = await startMosquitto();
    const { address, requests } = await startWebSocketListener(broker.port);
    const deviceId = newDeviceId();
    await using device = await subscribeWithMosquitto(broker, { topic: `devices/${deviceId}/commands` });
    const logged: unknown[] = [];
    const log = (...line: unknown[]) => void logged.push(line);
    await using trial = await startTrial({
      logger: { debug: log, info: log, warn: log, error: log },
      url: `${address}/mqtt/x?tenant=7`,
      protocolVersion,
      webSocketHeaders: { authorization: 'Bearer secret' },
    });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    for (const number of numbers) {
      expect(await trial.deliver({ deviceId, payload: { number } })).toMatchObject({ kind: 'delivered' });
    }
    const received = await take(device.received, numbers.length);
    expect(received.map(({ payload }) => JSON.parse(payload.toString()).number)).toEqual(numbers);
    expect(requests.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      Array(2).fill(['/mqtt/x?tenant=7', 'Bearer secret']),
    );
    expect(JSON.stringify(logged)).toContain('/mqtt/x');
    expect(JSON.stringify(logged)).not.toMatch(/tenant|secret/);
  },
);

test.each(
  ([5, 4] as const).flatMap((protocolVersion) => [
    { protocolVersion, scheme: 'ws', tls: false },
    { protocolVersion, scheme: 'wss', tls: true },
  ]),
)(
  "mosquitto's own listener, MQTT version $protocolVersion, $scheme: commands arrive in order, and answers come back",
  async ({ protocolVersion, tls }) => {
    await using broker = await startMosquitto({ webSocket: true, tls, users: { connector: 'secret' } });
    const user = { username: 'connector', password: 'secret' };
    const deviceId = newDeviceId();
    const topic = `devices/${deviceId}/commands`;
    await using device = await subscribeWithMosquitto(broker, { ...user, topic, protocolVersion });
    const settings = {
      ...user,
      url: `${broker.webSocketUrl}/mqtt`,
      protocolVersion,
      ...(broker.authority && { tls: { ca: broker.authority.pem } }),
    };
    await expect(startTrial({ ...settings, password: 'wrong' })).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
    await using trial = await startTrial(settings);
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const results = await Promise.all(
      numbers.map((number) => trial.deliver({ deviceId, payload: { number, text: 'x'.repeat(2_000) } })),
    );
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    const received = await take(device.received, numbers.length);
    expect(received.map(({ payload }) => JSON.parse(payload.toString()).number)).toEqual(numbers);
    const payload = '{"status":"succeeded","result":{"serial":1724442618569203714}}';
    await publishWithMosquitto(broker, { ...user, protocolVersion, topic: `${topic}/r1/response`, payload });
    await expect.poll(() => trial.reports).toMatchObject([{ deviceId, requestId: 'r1', state: 'succeeded' }]);
  },
);

test('wss with a certificate that nobody trusted signed is AUTHENTICATION_FAILED', async () => {
  await using broker = await startMosquitto({ webSocket: true, tls: true });
  await expect(startTrial({ url: String(broker.webSocketUrl) })).rejects.toMatchObject({
    code: 'AUTHENTICATION_FAILED',
  });
});

test.each([5, 4] as const)(
  'a broker that goes and comes back is connected to over WebSocket again: MQTT version %i',
  async (protocolVersion) => {
    await using broker = await startMosquitto({ webSocket: true });
    await using trial = await startTrial({ url: String(broker.webSocketUrl), protocolVersion });
    await broker.kill();
    await expect.poll(() => trial.isReady()).toBe(false);
    await broker.start();
    await expect.poll(() => trial.isReady(), { timeout: 30_000 }).toBe(true);
    expect(await trial.deliver({ deviceId: newDeviceId(), retain: true })).toMatchObject({
      kind: 'delivered',
    });
  },
);
