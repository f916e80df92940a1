import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

// The one that mqtt.js comes with.
const webSockets = createRequire(createRequire(import.meta.url).resolve('mqtt'))('ws');

/** A WebSocket listener before a broker: Debian's mosquitto is built without its own. */
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
