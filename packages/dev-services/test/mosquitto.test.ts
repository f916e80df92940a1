import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { publishWithMosquitto, startMosquitto, subscribeWithMosquitto } from '../src/index.js';

afterEach(() => vi.unstubAllEnvs());

async function next<Value>(values: AsyncIterable<Value>): Promise<Value | undefined> {
  for await (const value of values) return value;
  return undefined;
}

test.each([
  ['MQTT 5', { protocolVersion: 5 }, {}],
  ['MQTT 3.1.1', { protocolVersion: 4 }, {}],
  ['TLS and a password', { username: 'pump', password: 'secret' }, { tls: true, users: { pump: 'secret' } }],
] as const)('its programs reach one another through it: %s', async (_, client, options) => {
  await using broker = await startMosquitto(options);
  await using subscriber = await subscribeWithMosquitto(broker, { ...client, topic: 'a/+' });
  const payload = Buffer.from('\u0000 tab\t line\n');
  await publishWithMosquitto(broker, { ...client, topic: 'a/b', payload });
  expect(await next(subscriber.received)).toMatchObject({ topic: 'a/b', payload, qos: 1, retain: false });
});

test('a wrong password is refused, with what the program said', async () => {
  await using broker = await startMosquitto({ users: { pump: 'secret' } });
  const client = { topic: 'a', username: 'pump', password: 'guess' };
  await expect(publishWithMosquitto(broker, { ...client, payload: 'x' })).rejects.toThrow(
    /not authori[sz]ed/i,
  );
  await expect(subscribeWithMosquitto(broker, client)).rejects.toThrow('mosquitto_sub');
});

test('it comes back on its port after it was killed, and its subscribers with it', async () => {
  await using broker = await startMosquitto();
  await using subscriber = await subscribeWithMosquitto(broker, { topic: 'a' });
  await broker.kill();
  await expect(publishWithMosquitto(broker, { topic: 'a', payload: 'x' })).rejects.toThrow('refused');
  const again = subscriber.subscribedAgain();
  await broker.start();
  await again;
  await publishWithMosquitto(broker, { topic: 'a', payload: 'y' });
  expect(await next(subscriber.received)).toMatchObject({ payload: Buffer.from('y') });
});

test('what it has for a subscriber that is away outlives its shutting down', async () => {
  await using broker = await startMosquitto();
  const session = { topic: 'a', clientId: 'pump', persistent: true };
  await (await subscribeWithMosquitto(broker, session)).close();
  await publishWithMosquitto(broker, { topic: 'a', payload: 'x' });
  await broker.shutDown();
  await broker.start();
  await using subscriber = await subscribeWithMosquitto(broker, session);
  expect(await next(subscriber.received)).toMatchObject({ payload: Buffer.from('x') });
});

test('stop leaves nothing behind', async () => {
  const broker = await startMosquitto({ tls: true });
  const file = broker.authority?.file ?? '';
  expect(existsSync(file)).toBe(true);
  await broker.stop();
  expect(existsSync(file)).toBe(false);
  await expect(broker.start()).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a refused configuration rejects with the message of mosquitto', async () => {
  await expect(startMosquitto({ configuration: ['no_such_option 1'] })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('no_such_option'),
  });
});

test('where it is not installed, the error says how to get it', async () => {
  await using broker = await startMosquitto();
  vi.stubEnv('PATH', '/nowhere');
  await expect(publishWithMosquitto(broker, { topic: 'a', payload: 'x' })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('apt-get install mosquitto mosquitto-clients'),
  });
});
