import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startAedes, startMosquitto } from '@preservarium/dev-services';
import { generate, type Packet, parser } from 'mqtt-packet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTrial } from './mqtt-trial.js';

/** A logger that keeps the messages of errors. */
function collectErrors() {
  const messages: string[] = [];
  const keep = (fields: object) => {
    if ('err' in fields && fields.err instanceof Error) messages.push(fields.err.message);
  };
  return { messages, logger: { debug() {}, info() {}, warn: keep, error: keep } };
}

describe('two connectors with one client id', () => {
  test.each([5, 4] as const)(
    'log an error with the name of the variable: MQTT version %i',
    async (version) => {
      await using broker = await startMosquitto();
      const { messages, logger } = collectErrors();
      const settings = { url: broker.url, protocolVersion: version, clientId: 'same', logger };
      await using first = await startTrial(settings);
      await using second = await startTrial(settings);
      await expect
        .poll(() => messages.find((message) => /the client id "same-\w+".*MQTT_CLIENT_ID/.test(message)), {
          timeout: 30_000,
        })
        .toBeDefined();
      expect([first, second]).toHaveLength(2);
    },
  );
});

test('a subscription that the broker refuses after a reconnect is asked for again, and named', async () => {
  const refused = 'devices/+/status';
  let refusals = 0;
  let mayRefuse = false;
  const disconnect: (() => void)[] = [];
  await using broker = await startAedes({
    authorizeSubscribe(client, subscription, done) {
      disconnect.push(() => client?.conn.destroy());
      const isRefused = mayRefuse && subscription.topic === refused;
      if (isRefused) refusals++;
      done(null, isRefused ? null : subscription);
    },
  });
  const { messages, logger } = collectErrors();
  await using trial = await startTrial({ url: broker.url, protocolVersion: 4, logger });
  mayRefuse = true;
  for (const end of disconnect.splice(0)) end();
  await expect.poll(() => refusals, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(trial.isReady()).toBe(false);
  expect(messages.filter((message) => message.includes('refuses the subscription'))).toContain(
    `the broker refuses the subscription to ${refused}: allow it to this user, or choose other templates`,
  );
  mayRefuse = false;
  await expect.poll(() => trial.isReady(), { timeout: 20_000 }).toBe(true);
  expect(await trial.deliver({})).toMatchObject({ kind: 'delivered' });
});

test('a broker that says with MQTT 5 that the session was taken over is believed at once', async () => {
  const server = createServer((socket) => {
    const packets = parser({ protocolVersion: 5 });
    const send = (packet: Packet) => socket.write(generate(packet, { protocolVersion: 5 }));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => packets.parse(bytes));
    packets.on('packet', (packet) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      if (packet.cmd !== 'subscribe') return;
      send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1, 1, 1] });
      send({ cmd: 'disconnect', reasonCode: 0x8e });
      socket.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { messages, logger } = collectErrors();
  await using trial = await startTrial({ url: `mqtt://127.0.0.1:${port}`, clientId: 'same', logger });
  await expect
    .poll(() => messages, { timeout: 30_000 })
    .toContainEqual(expect.stringContaining('another client connected with the client id "same-answers"'));
  expect(trial.isReady()).toBe(false);
});
