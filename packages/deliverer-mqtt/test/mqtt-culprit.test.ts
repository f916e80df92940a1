import { publishWithMosquitto, startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { describe, expect, test } from 'vitest';
import { startScriptedBroker } from './mqtt-scripted-broker.js';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

const commands = 200;
const endedByMessage = expect.stringContaining('the broker ended the connection');

/** A command that the broker ends the connection for, with each version of MQTT, in the middle of others. */
const ways = [
  {
    version: 5,
    name: 'a malformed content type',
    configuration: [],
    transports: ['TCP', 'WebSocket'],
  },
  {
    version: 4,
    name: 'a packet that is too large',
    configuration: ['max_packet_size 2000'],
    // Mosquitto 2.0 takes packets of any size over WebSocket.
    transports: ['TCP'],
  },
] as const;

const transports = ['TCP', 'WebSocket'] as const;

test.each(ways.flatMap((way) => way.transports.map((transport) => ({ ...way, transport }))))(
  'mosquitto, MQTT version $version over $transport: $name is rejected, and every other message arrives by its first delivery',
  async ({ version, configuration, transport }) => {
    await using broker = await startMosquitto({ configuration, webSocket: true });
    await using device = await subscribeWithMosquitto(broker, {
      topic: 'devices/+/commands',
      protocolVersion: 5,
    });
    await using trial = await startTrial({
      url: transport === 'TCP' ? broker.url : String(broker.webSocketUrl),
      protocolVersion: version,
      timeoutMs: 60_000,
      formatCommand({ payload }) {
        const bytes = Buffer.from(JSON.stringify(payload));
        return { bytes, contentType: version === 5 && payload.bad ? 'a\tb' : 'text/plain' };
      },
    });
    const bad = 20;
    const payloadOf = (number: number) =>
      number === bad ? { bad: true, text: 'x'.repeat(version === 5 ? 1 : 3_000) } : { number };
    const results = await Promise.all(
      Array.from({ length: commands }, (_, number) =>
        trial.deliver({ deviceId: newDeviceId(), payload: payloadOf(number) }),
      ),
    );
    const expected = results.map((_, number) =>
      number === bad
        ? { kind: 'rejected', reason: endedByMessage }
        : { kind: 'delivered', evidence: 'gateway' },
    );
    expect(results).toEqual(expected);
    const numbers = new Set<number>();
    for await (const { payload } of device.received) {
      numbers.add(JSON.parse(payload.toString()).number);
      if (numbers.size === commands - 1) break;
    }
    expect(await trial.deliver({})).toMatchObject({ kind: 'delivered' });
  },
);

test.each([0x81, 0x82, 0x95, 0x99])(
  'DISCONNECT with reason %i: the culprits are rejected at the second time, and each other message is taken',
  async (reasonCode) => {
    const isBad = (topic: string) => topic.includes('bad');
    await using broker = await startScriptedBroker({
      disconnectFor: (topic) => (isBad(topic) ? reasonCode : undefined),
    });
    await using trial = await startTrial({ url: broker.url, timeoutMs: 60_000 });
    const names = Array.from({ length: 50 }, (_, number) =>
      number % 20 === 7 ? `bad-${number}` : `good-${number}`,
    );
    const results = await Promise.all(names.map((deviceId) => trial.deliver({ deviceId })));
    for (const [at, name] of names.entries()) {
      const reason = 'the broker ended the connection because of this message';
      expect(results[at]).toEqual(
        isBad(name) ? { kind: 'rejected', reason } : { kind: 'delivered', evidence: 'gateway' },
      );
    }
    const good = names.filter((name) => !isBad(name)).map((name) => `devices/${name}/commands`);
    expect(broker.taken.toSorted()).toEqual(good.toSorted());
  },
);

test('what is sent again to a device that may have it is marked', async () => {
  await using broker = await startMosquitto();
  await using device = await subscribeWithMosquitto(broker, { topic: 'devices/+/commands' });
  await using trial = await startTrial({
    url: broker.url,
    formatCommand: ({ payload }) => ({
      bytes: Buffer.from(JSON.stringify(payload)),
      contentType: payload.bad ? '\u0001' : 'text/plain',
    }),
  });
  const [rejected, delivered] = await Promise.all([
    trial.deliver({ deviceId: 'a', payload: { bad: true } }),
    trial.deliver({ deviceId: 'b', payload: {} }),
  ]);
  expect([rejected.kind, delivered.kind]).toEqual(['rejected', 'delivered']);
  const [received] = await take(device.received, 1);
  expect(received).toMatchObject({ topic: 'devices/b/commands' });
  expect(received?.userProperties).toContain('may_be_repeat:true');
});

describe.each([5, 4] as const)('MQTT version %i', (protocolVersion) => {
  test.each(
    transports.flatMap((transport) => [
      ['living_room/lamp', transport, 'devices/living_room/lamp/commands'] as const,
      ['a/b/c/d', transport, 'devices/a/b/c/d/commands'] as const,
    ]),
  )('the device %s is served over %s where templates have levels', async (deviceId, transport, topic) => {
    await using broker = await startMosquitto({ webSocket: true });
    await using device = await subscribeWithMosquitto(broker, { topic, protocolVersion });
    await using trial = await startTrial({
      url: transport === 'TCP' ? broker.url : String(broker.webSocketUrl),
      protocolVersion,
      topicTemplate: 'devices/{+deviceId}/commands',
      responseTopicTemplate: 'devices/{+deviceId}/answers/{requestId}',
    });
    const requestId = newDeviceId();
    expect(await trial.deliver({ deviceId, requestId })).toMatchObject({ kind: 'delivered' });
    const [received] = await take(device.received, 1);
    if (protocolVersion === 5) expect(received?.responseTopic).toMatch(`devices/${deviceId}/answers/`);
    const answer = { topic: `devices/${deviceId}/answers/${requestId}`, payload: '{"status":"succeeded"}' };
    await publishWithMosquitto(broker, { ...answer, protocolVersion });
    await expect.poll(() => trial.reports).toMatchObject([{ deviceId, requestId, state: 'succeeded' }]);
  });
});
