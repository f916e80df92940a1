import { rootCertificates } from 'node:tls';
import { startAedes, startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { describe, expect, test } from 'vitest';
import { createMqttDeliverer } from '../src/index.js';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

describe.each([5, 4] as const)('MQTT version %i', (protocolVersion) => {
  test('a wrong password is AUTHENTICATION_FAILED, and the right one with TLS is let in', async () => {
    await using broker = await startMosquitto({ tls: true, users: { connector: 'secret' } });
    const { url, authority } = broker;
    const settings = { url, protocolVersion, username: 'connector', tls: { ca: authority?.pem ?? '' } };
    await expect(startTrial({ ...settings, password: 'guess' })).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
    await using trial = await startTrial({ ...settings, password: 'secret' });
    expect(await trial.deliver({ retain: true })).toMatchObject({ kind: 'delivered' });
  });

  test("a broker's certificate that nobody trusted signed is AUTHENTICATION_FAILED", async () => {
    await using broker = await startMosquitto({ tls: true });
    await expect(startTrial({ url: broker.url, protocolVersion })).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      cause: expect.any(Error),
    });
  });
});

test('a broker that wants a client certificate is AUTHENTICATION_FAILED', async () => {
  await using broker = await startMosquitto({ tls: true, configuration: ['require_certificate true'] });
  const tls = { ca: broker.authority?.pem ?? '' };
  await expect(startTrial({ url: broker.url, tls })).rejects.toMatchObject({
    code: 'AUTHENTICATION_FAILED',
    message: expect.stringContaining('a client certificate if the broker wants one'),
  });
});

test('certificates are read again for each connection', async () => {
  await using broker = await startMosquitto({ tls: true });
  const good = { ca: broker.authority?.pem ?? '' };
  let tls = good;
  let reads = 0;
  const read = () => {
    reads++;
    return tls;
  };
  await using trial = await startTrial({ url: broker.url, tls: read });
  tls = { ca: rootCertificates[0] ?? '' };
  await broker.shutDown();
  await broker.start();
  reads = 0;
  await expect.poll(() => reads).toBeGreaterThan(4);
  expect(trial.isReady()).toBe(false);
  tls = good;
  await expect.poll(() => trial.isReady()).toBe(true);
  expect(await trial.deliver({ retain: true })).toMatchObject({ kind: 'delivered' });
});

describe('what the broker tells with MQTT 5', () => {
  test('that the user may not publish to a topic: rejected', async () => {
    await using broker = await startMosquitto({ accessControl: ['topic read #', 'topic write devices/#'] });
    await using trial = await startTrial({ url: broker.url });
    expect(await trial.deliver({ topic: 'valves/pump', deviceId: 'pump', retain: true })).toEqual({
      kind: 'rejected',
      reason: 'the broker answered 0x87, not authorized to publish to this topic',
    });
    expect(await trial.deliver({ retain: true })).toMatchObject({ kind: 'delivered' });
  });

  test('what packets, qualities of service and retained messages it takes: it gets no others', async () => {
    await using broker = await startMosquitto({
      configuration: ['max_packet_size 1000', 'max_qos 1', 'retain_available false'],
    });
    const deviceId = newDeviceId();
    await using device = await subscribeWithMosquitto(broker, {
      topic: `devices/${deviceId}/+`,
      qos: 1,
    });
    await using trial = await startTrial({ url: broker.url });
    expect(await trial.deliver({ deviceId, payload: { text: 'x'.repeat(1_000) } })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(/^the message has \d+ bytes, the broker takes 1000$/),
    });
    expect(await trial.deliver({ deviceId, retain: true })).toMatchObject({ kind: 'rejected' });
    expect(await trial.deliver({ deviceId, qos: 2, payload: { number: 1 } })).toMatchObject({
      kind: 'delivered',
    });
    const settings = { deviceId, commandType: 'settings', supersedeKey: 'settings', payload: { number: 2 } };
    expect(await trial.deliver(settings)).toMatchObject({ kind: 'delivered' });
    expect(await take(device.received, 2)).toMatchObject([
      { qos: 1, payload: Buffer.from('{"number":1}') },
      { qos: 1, payload: Buffer.from('{"number":2}') },
    ]);
    expect(trial.isReady()).toBe(true);
  });

  test('that it acknowledges nothing: CONFIGURATION_INVALID', async () => {
    await using broker = await startMosquitto({ configuration: ['max_qos 0'] });
    await expect(startTrial({ url: broker.url })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('QoS 1'),
    });
  });
});

test('a message that the broker finds too large is rejected, and the connection serves on', async () => {
  await using broker = await startMosquitto({ configuration: ['message_size_limit 1000'] });
  await using trial = await startTrial({ url: broker.url, timeoutMs: 60_000 });
  const tooLarge = { retain: true, payload: { text: 'x'.repeat(1_000) } };
  expect(await trial.deliver(tooLarge)).toEqual({
    kind: 'rejected',
    reason: 'the broker answered 0x95, packet too large',
  });
  expect(trial.isReady()).toBe(true);
  expect(await trial.deliver({ retain: true })).toMatchObject({ kind: 'delivered' });
});

describe('a broker that speaks 3.1.1 only', () => {
  test('is CONFIGURATION_INVALID with 5, and serves with 4', async () => {
    await using broker = await startAedes();
    await expect(startTrial({ url: broker.url })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('protocolVersion'),
    });
    await using trial = await startTrial({ url: broker.url, protocolVersion: 4 });
    expect(await trial.deliver({})).toEqual({ kind: 'delivered', evidence: 'gateway' });
    expect(await trial.deliver({ qos: 2 })).toEqual({ kind: 'delivered', evidence: 'gateway' });
  });

  test('and refuses the subscription to answers: CONFIGURATION_INVALID, which names it', async () => {
    await using broker = await startAedes({ authorizeSubscribe: (_, __, done) => done(null, null) });
    await expect(startTrial({ url: broker.url, protocolVersion: 4 })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('devices/+/commands/+/response'),
    });
  });
});

test('start ends when the deliverer is closed, and cannot be called twice', async () => {
  await using broker = await startMosquitto();
  const port = {
    reachable: () => false,
    report: async () => {},
    reported: async () => ({ kind: 'kept' as const }),
  };
  const away = createMqttDeliverer({ url: 'mqtt://127.0.0.1:1' });
  const starting = away.start(port, { timeoutMs: 60_000 });
  await Promise.all([
    expect(starting).rejects.toMatchObject({ code: 'CLOSED' }),
    away.close({ timeoutMs: 1_000 }),
  ]);
  const deliverer = createMqttDeliverer({ url: broker.url });
  await deliverer.start(port, { timeoutMs: 10_000 });
  await expect(deliverer.start(port, { timeoutMs: 10_000 })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
  await deliverer.close({ timeoutMs: 1_000 });
  await expect(deliverer.start(port, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'CLOSED' });
});
