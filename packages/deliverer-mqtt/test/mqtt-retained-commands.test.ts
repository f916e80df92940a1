import { publishWithMosquitto, startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { afterAll, describe, expect, test } from 'vitest';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

const broker = await startMosquitto();
afterAll(() => broker.stop());
const { url } = broker;

const delivered = { kind: 'delivered', evidence: 'gateway' };

/** Returns the payloads that a device receives which subscribes now: the retained command, if any. */
async function received(deviceId: string, protocolVersion: 5 | 4): Promise<string[]> {
  const topic = `devices/${deviceId}/commands`;
  await using device = await subscribeWithMosquitto(broker, { protocolVersion, topic });
  await publishWithMosquitto(broker, { protocolVersion, topic, payload: 'last' });
  const payloads: string[] = [];
  for await (const { payload } of device.received) {
    if (String(payload) === 'last') break;
    payloads.push(String(payload));
  }
  return payloads;
}

describe.each([5, 4] as const)('MQTT version %i', (protocolVersion) => {
  test('a retained command that has ended is taken away, and no other one is', async () => {
    const [ended, other] = [newDeviceId(), newDeviceId()];
    await using trial = await startTrial({ url, protocolVersion });
    const command = { deviceId: ended, retain: true, payload: { on: true } };
    for (const deviceId of [ended, other]) {
      expect(await trial.deliver({ ...command, deviceId })).toEqual(delivered);
    }
    await trial.withdraw({ deviceId: other });
    await trial.withdraw({
      deviceId: other,
      retain: true,
      commandType: 'settings',
      supersedeKey: 'settings',
    });
    await trial.withdraw(command);
    expect(await received(ended, protocolVersion)).toEqual([]);
    expect(await received(other, protocolVersion)).toEqual(['{"on":true}']);
  });

  test('says in the payload when it expires, where that is asked for', async () => {
    const deviceId = newDeviceId();
    const expiresAt = new Date('2100-01-01T00:00:00.000Z');
    await using device = await subscribeWithMosquitto(broker, {
      protocolVersion,
      topic: `devices/${deviceId}/commands`,
    });
    await using trial = await startTrial({ url, protocolVersion, expiresAtField: 'until' });
    for (const payload of [{ on: true }, { until: 'mine' }, { raw: '0aff' }]) {
      await trial.deliver({ deviceId, expiresAt, payload });
    }
    await trial.deliver({ deviceId, payload: { on: false } });
    const payloads = (await take(device.received, 4)).map(({ payload }) => payload.toString('latin1'));
    expect(payloads).toEqual([
      '{"until":"2100-01-01T00:00:00.000Z","on":true}',
      '{"until":"mine"}',
      '\n\u00ff',
      '{"on":false}',
    ]);
  });
});

describe('a retained command that expires, with MQTT 3.1.1', () => {
  const settings = { url, protocolVersion: 4, retainExpiring: true } as const;
  const expiringIn = (ms: number) => ({ expiresAt: new Date(Date.now() + ms), retain: true });

  test('is rejected unless it is allowed', async () => {
    await using trial = await startTrial({ url, protocolVersion: 4 });
    expect(await trial.deliver(expiringIn(60_000))).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('retainExpiring (MQTT_RETAIN_EXPIRING=true)'),
    });
    expect(await trial.deliver({ ...expiringIn(60_000), retain: false })).toEqual(delivered);
  });

  test('is taken away at its expiry', async () => {
    const deviceId = newDeviceId();
    await using trial = await startTrial(settings);
    await using watching = await subscribeWithMosquitto(broker, {
      protocolVersion: 4,
      topic: `devices/${deviceId}/commands`,
    });
    expect(await trial.deliver({ deviceId, payload: { on: true }, ...expiringIn(500) })).toEqual(delivered);
    const payloads = (await take(watching.received, 2)).map(({ payload }) => String(payload));
    expect(payloads).toEqual(['{"on":true}', '']);
    expect(await received(deviceId, 4)).toEqual([]);
  });

  test('is not, where a later command has its place', async () => {
    const [deviceId, other] = [newDeviceId(), newDeviceId()];
    await using trial = await startTrial(settings);
    await using watching = await subscribeWithMosquitto(broker, {
      protocolVersion: 4,
      topic: `devices/${other}/commands`,
    });
    await trial.deliver({ deviceId, payload: { number: 1 }, ...expiringIn(300) });
    await trial.deliver({ deviceId, payload: { number: 2 }, retain: true });
    await trial.deliver({ deviceId: other, ...expiringIn(600) });
    // When that of the other device has been taken away, the first one would have been as well.
    await take(watching.received, 2);
    expect(await received(deviceId, 4)).toEqual(['{"number":2}']);
  });

  test('is taken away later, where the broker is away at its expiry', async () => {
    const deviceId = newDeviceId();
    await using trial = await startTrial(settings);
    const command = { deviceId, ...expiringIn(500) };
    await trial.deliver(command);
    await broker.shutDown();
    await expect.poll(() => trial.isReady(), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => Date.now()).toBeGreaterThan(command.expiresAt.getTime());
    await broker.start();
    await expect.poll(() => received(deviceId, 4), { timeout: 30_000 }).toEqual([]);
  });
});
