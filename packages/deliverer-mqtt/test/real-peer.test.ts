import { silentLogger, textHeaders } from '@preservarium/backend';
import {
  type MosquittoMessage,
  publishWithMosquitto,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { afterAll, describe, expect, test } from 'vitest';
import { newDeviceId, startTrial, take } from './mqtt-trial.js';

// mosquitto is the broker, and its programs are the devices.
const broker = await startMosquitto({ webSocket: true });
afterAll(() => broker.stop());
const { url } = broker;

const delivered = { kind: 'delivered', evidence: 'gateway' };

describe.each([
  [5, 'TCP', broker.url],
  [4, 'TCP', broker.url],
  [5, 'WebSocket', broker.webSocketUrl ?? ''],
  [4, 'WebSocket', broker.webSocketUrl ?? ''],
] as const)('MQTT version %i over %s', (protocolVersion, _transport, url) => {
  const subscribe = (topic: string, options = {}) =>
    subscribeWithMosquitto(broker, { protocolVersion, topic, ...options });
  const publish = (message: MosquittoMessage) =>
    publishWithMosquitto(broker, { protocolVersion, ...message });

  test('a command goes where the template says, or where itself says, with its quality of service', async () => {
    const deviceId = newDeviceId();
    await using device = await subscribe(`+/${deviceId}/#`, { qos: 2 });
    await using trial = await startTrial({
      url,
      protocolVersion,
      topicTemplate: 'd/{deviceId}/c/{requestId}',
    });
    const command = { deviceId, payload: { state: 'on' } };
    expect(await trial.deliver({ ...command, requestId: 'first' })).toEqual(delivered);
    expect(await trial.deliver({ ...command, topic: `own/${deviceId}/x`, qos: 2 })).toEqual(delivered);
    expect(await trial.deliver({ ...command, topic: `own/${deviceId}/y`, qos: 0 })).toEqual(delivered);
    const payload = Buffer.from('{"state":"on"}');
    // The exchange of a message with QoS 2 takes longer, so the next may overtake it on its way to the device.
    const received = await take(device.received, 3);
    expect(received.toSorted((a, b) => a.topic.localeCompare(b.topic))).toMatchObject([
      { topic: `d/${deviceId}/c/first`, qos: 1, payload },
      { topic: `own/${deviceId}/x`, qos: 2, payload },
      { topic: `own/${deviceId}/y`, qos: 1, payload },
    ]);
  });

  test('a command goes to no topic of another device, and to none on which devices speak', async () => {
    const deviceId = newDeviceId();
    await using others = await subscribe('#');
    await using trial = await startTrial({
      url,
      protocolVersion,
      topicTemplate: 'devices/{deviceId}/{requestId}',
    });
    const refusals = [
      { topic: 'devices/other/commands' },
      { topic: 'devices/other/settings/reported' },
      { topic: `devices/${deviceId}/commands/r1/response` },
      { topic: 'devices/other/status' },
      { requestId: 'status' },
    ];
    for (const refused of refusals) {
      expect(await trial.deliver({ deviceId, ...refused }), JSON.stringify(refused)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/commandTopics|TopicTemplate/),
      });
    }
    await using strict = await startTrial({ url, protocolVersion, commandTopics: ['other/{deviceId}/+'] });
    expect(await strict.deliver({ deviceId, topic: `devices/${deviceId}/led` })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('allow it with commandTopics (MQTT_COMMAND_TOPICS)'),
    });
    expect(await strict.deliver({ deviceId, topic: `other/${deviceId}/led` })).toEqual(delivered);
    for await (const { retain, topic } of others.received) {
      // Of other tests.
      if (retain) continue;
      expect(topic).toBe(`other/${deviceId}/led`);
      break;
    }
  });

  test('a retained command waits at the broker for its device', async () => {
    const deviceId = newDeviceId();
    await using trial = await startTrial({ url, protocolVersion });
    expect(await trial.deliver({ deviceId, retain: true, payload: { raw: '00ff' } })).toEqual(delivered);
    await using device = await subscribe(`devices/${deviceId}/commands`);
    expect(await take(device.received, 1)).toMatchObject([
      { retain: true, payload: Buffer.from('00ff', 'hex') },
    ]);
  });

  test('settings wait at the broker, the newest alone, until the device has them', async () => {
    const deviceId = newDeviceId();
    const topic = `devices/${deviceId}/settings`;
    const settings = { deviceId, commandType: 'settings', supersedeKey: 'settings' };
    await using trial = await startTrial({ url, protocolVersion });
    expect(await trial.deliver({ ...settings, payload: { a: 1 } })).toEqual(delivered);
    expect(await trial.deliver({ ...settings, payload: { a: 2 } })).toEqual(delivered);
    await using device = await subscribe(topic);
    await trial.clearSettings(deviceId);
    expect(await take(device.received, 2)).toMatchObject([
      { retain: true, payload: Buffer.from('{"a":2}') },
      { retain: false, payload: Buffer.alloc(0) },
    ]);
    await using later = await subscribe(topic);
    expect(await trial.deliver({ ...settings, payload: { a: 3 } })).toEqual(delivered);
    expect(await take(later.received, 1)).toMatchObject([{ payload: Buffer.from('{"a":3}') }]);
  });

  test('reported settings reach the port, but not if they are too large or retained for long', async () => {
    const deviceId = newDeviceId();
    const topic = `devices/${deviceId}/settings/reported`;
    await publish({ topic, payload: '{"old":1}', retain: true });
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => warnings.push(fields) };
    await using trial = await startTrial({ url, protocolVersion, maxAnswerBytes: 20, logger });
    await publish({ topic, payload: JSON.stringify({ much: 'x'.repeat(20) }) });
    await publish({ topic, payload: '{"a":1}', retain: true });
    await expect.poll(() => trial.reported).toEqual([{ deviceId, patch: { a: 1 } }]);
    await publish({ topic, payload: '', retain: true });
    expect(warnings).toEqual([expect.objectContaining({ problem: expect.any(String), count: 1 })]);
  });

  test('the broker keeps a command for a device that is away and has a session', async () => {
    const deviceId = newDeviceId();
    const topic = `devices/${deviceId}/commands`;
    const session = { clientId: deviceId, persistent: true };
    await using trial = await startTrial({ url, protocolVersion });
    await (await subscribe(topic, session)).close();
    for (const number of [1, 2, 3])
      expect(await trial.deliver({ deviceId, payload: { number } })).toEqual(delivered);
    await using device = await subscribe(topic, session);
    const received = await take(device.received, 3);
    expect(received.map(({ payload }) => JSON.parse(payload.toString()).number)).toEqual([1, 2, 3]);
  });

  test('what a device answers is reported, and makes it reachable', async () => {
    const deviceId = newDeviceId();
    const topic = (requestId: string) => `devices/${deviceId}/commands/${requestId}/response`;
    await using trial = await startTrial({ url, protocolVersion });
    await publish({ topic: topic('r1'), payload: '' });
    await publish({ topic: topic('r2'), payload: '{"status":"succeeded","result":{"t":21.5}}', qos: 2 });
    await publish({ topic: topic('r3'), payload: '{"status":"failed","reason":"no water"}', qos: 0 });
    await expect
      .poll(() => trial.reports, { timeout: 30_000 })
      .toEqual([
        { deviceId, requestId: 'r1', state: 'delivered' },
        { deviceId, requestId: 'r2', state: 'succeeded', result: { t: 21.5 } },
        { deviceId, requestId: 'r3', state: 'failed', reason: 'no water' },
      ]);
    expect(trial.reachable).toEqual([deviceId, deviceId, deviceId]);
  });

  test('what cannot be an answer is dropped, one that is too large has no result, and the next is reported', async () => {
    const deviceId = newDeviceId();
    const topic = `devices/${deviceId}/commands/r1/response`;
    const warnings: object[] = [];
    const ignore = () => {};
    const logger = {
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (fields: object) => warnings.push(fields),
    };
    await using trial = await startTrial({ url, protocolVersion, maxAnswerBytes: 1_000, logger });
    for (const payload of ['{', '[]', '{"status":"done"}', Buffer.from([0xff]), 'x'.repeat(1_001)]) {
      await publish({ topic, payload });
    }
    if (protocolVersion === 5) {
      await publish({ topic, payload: '', correlationData: 'other' });
      // mosquitto does not even pass on what is larger than the deliverer says it takes.
      await publish({ topic, payload: 'x'.repeat(1_000_000) });
    }
    await publish({ topic, payload: '{"status":"rejected"}' });
    await expect
      .poll(() => trial.reports, { timeout: 30_000 })
      .toEqual([
        {
          deviceId,
          requestId: 'r1',
          state: 'delivered',
          reason: 'result left out: the answer has 1001 bytes, the limit is 1000',
        },
        { deviceId, requestId: 'r1', state: 'rejected' },
      ]);
    expect(warnings).toEqual([{ topic, bytes: 1, problem: 'it is not a JSON object in UTF-8', count: 1 }]);
  });

  test('what a device, or the broker for it, says of its presence reaches the connector that asks for it', async () => {
    const [before, after] = [newDeviceId(), newDeviceId()];
    await publish({ topic: `devices/${before}/status`, payload: 'online', retain: true });
    await using trial = await startTrial({ url, protocolVersion });
    await using other = await startTrial({ url, protocolVersion }, { asksForPresence: false });
    await expect.poll(() => trial.presence, { timeout: 30_000 }).toHaveLength(1);
    for (const payload of ['offline', 'unheard of', 'online']) {
      await publish({ topic: `devices/${after}/status`, payload });
    }
    await publish({ topic: `devices/${before}/status`, payload: '', retain: true });
    await expect
      .poll(() => trial.presence, { timeout: 30_000 })
      .toEqual([
        [before, 'present'],
        [after, 'away'],
        [after, 'present'],
        [before, 'unknown'],
      ]);
    expect([trial.reachable, other.presence]).toEqual([[], []]);
  });

  test.each([
    ['Offline', 'Online', { presentWords: ['Online'], awayWords: ['Offline'] }],
    ['false', 'true', { presentWords: ['true'], awayWords: ['false'] }],
    ['{"state":"offline"}', '{"state":"online"}', { presenceField: 'state' }],
  ])('presence is said in the configured words: %s, %s', async (away, present, words) => {
    const deviceId = newDeviceId();
    const presenceTopicTemplate = 'here/{deviceId}';
    await using trial = await startTrial({ url, protocolVersion, presenceTopicTemplate, ...words });
    for (const payload of [away, present]) await publish({ topic: `here/${deviceId}`, payload });
    await expect
      .poll(() => trial.presence, { timeout: 30_000 })
      .toEqual([
        [deviceId, 'away'],
        [deviceId, 'present'],
      ]);
  });

  test('answers that come while the connector is away are reported when it is back', async () => {
    const deviceId = newDeviceId();
    const settings = { url, protocolVersion, clientId: newDeviceId(), answerGroup: deviceId };
    await (await startTrial(settings)).close();
    const requestIds = Array.from({ length: 20 }, (_, index) => `r${index}`);
    for (const requestId of requestIds) {
      await publish({ topic: `devices/${deviceId}/commands/${requestId}/response`, payload: '' });
    }
    await using trial = await startTrial(settings);
    await expect
      .poll(() => trial.reports.map(({ requestId }) => requestId), { timeout: 30_000 })
      .toEqual(requestIds);
  });

  test('the broker keeps an answer until it is reported, and hands over others meanwhile', async () => {
    const deviceId = newDeviceId();
    const settings = { url, protocolVersion, clientId: newDeviceId(), answerGroup: deviceId };
    const topic = (requestId: string) => `devices/${deviceId}/commands/${requestId}/response`;
    const stuck = Promise.withResolvers<void>();
    const first = await startTrial(settings, {
      report: ({ requestId }) => (requestId === 'r2' ? stuck.promise : Promise.resolve()),
    });
    for (const requestId of ['r1', 'r2', 'r3']) await publish({ topic: topic(requestId), payload: '' });
    await expect.poll(() => first.reports, { timeout: 30_000 }).toHaveLength(3);
    await first.close({ timeoutMs: 100 });
    await using second = await startTrial(settings);
    await publish({ topic: topic('r4'), payload: '' });
    await expect
      .poll(() => second.reports.map(({ requestId }) => requestId), { timeout: 30_000 })
      .toEqual(['r2', 'r3', 'r4']);
  });
});

test('close waits until what devices said is in Kafka, and the broker gives it to nobody again', async () => {
  const deviceId = newDeviceId();
  const settings = { url, clientId: newDeviceId(), answerGroup: deviceId };
  const writing = Promise.withResolvers<void>();
  const first = await startTrial(settings, { report: () => writing.promise });
  const topic = `devices/${deviceId}/commands/r1/response`;
  await publishWithMosquitto(broker, { topic, payload: '' });
  await expect.poll(() => first.reports, { timeout: 30_000 }).toHaveLength(1);
  const closed = first.close({ timeoutMs: 30_000 });
  await publishWithMosquitto(broker, { topic: topic.replace('r1', 'r2'), payload: '' });
  writing.resolve();
  await closed;
  await using second = await startTrial(settings);
  await expect
    .poll(() => second.reports.map(({ requestId }) => requestId), { timeout: 30_000 })
    .toEqual(['r2']);
});

describe('what only MQTT 5 has', () => {
  test('a command carries its expiry, where to answer, and what it is', async () => {
    const deviceId = newDeviceId();
    await using device = await subscribeWithMosquitto(broker, { topic: `devices/${deviceId}/commands` });
    await using trial = await startTrial({ url, clock: () => 1_000_000 });
    const command = { deviceId, requestId: 'r1', expiresAt: new Date(1_000_000 + 90_999) };
    await trial.deliver(command);
    await trial.deliver({ deviceId, requestId: 'r/2' }, { attempt: 3, mayBeRepeat: true });
    expect(await take(device.received, 2)).toMatchObject([
      {
        contentType: 'application/json',
        correlationData: 'r1',
        expiryIntervalSeconds: '90',
        responseTopic: `devices/${deviceId}/commands/r1/response`,
        userProperties: 'command_type:set_led request_id:r1 attempt:1 expires_at:1970-01-01T00:18:10.999Z',
      },
      {
        correlationData: 'r/2',
        expiryIntervalSeconds: '',
        responseTopic: '',
        userProperties: 'command_type:set_led request_id:r/2 attempt:3 may_be_repeat:true',
      },
    ]);
  });

  test('the trace context of a command goes to the device, and comes back with its answer', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const deviceId = newDeviceId();
    await using device = await subscribeWithMosquitto(broker, { topic: `devices/${deviceId}/commands` });
    await using trial = await startTrial({ url });
    const headers = textHeaders({ traceparent, tracestate: 'a=1', 'waiting-since': '1' });
    await trial.deliver({ deviceId, requestId: 'r1' }, { headers });
    const [received] = await take(device.received, 1);
    expect(received?.userProperties).toBe(
      `command_type:set_led request_id:r1 attempt:1 traceparent:${traceparent} tracestate:a=1`,
    );
    await publishWithMosquitto(broker, {
      topic: received?.responseTopic ?? '',
      payload: '',
      userProperties: { traceparent, other: 'x' },
    });
    await expect
      .poll(() => trial.reports, { timeout: 30_000 })
      .toEqual([{ deviceId, requestId: 'r1', state: 'delivered', headers: { traceparent } }]);
  });

  test.each([1, 2] as const)('with nobody subscribed, QoS %i: what the broker says', async (qos) => {
    await using trial = await startTrial({ url });
    const result = await trial.deliver({ deviceId: newDeviceId(), qos });
    // mosquitto looks for subscribers only after PUBREC, and tells nothing of them in PUBCOMP.
    if (qos === 2) expect(result).toEqual(delivered);
    else expect(result).toMatchObject({ kind: 'retryable', unreachable: true });
  });

  test('an answer may say its request in the correlation data alone', async () => {
    const deviceId = newDeviceId();
    await using trial = await startTrial({ url, responseTopicTemplate: 'answers/{deviceId}' });
    await publishWithMosquitto(broker, { topic: `answers/${deviceId}`, payload: '' });
    await publishWithMosquitto(broker, { topic: `answers/${deviceId}`, payload: '', correlationData: 'r1' });
    await expect
      .poll(() => trial.reports, { timeout: 30_000 })
      .toEqual([{ deviceId, requestId: 'r1', state: 'delivered' }]);
    expect(trial.reachable).toEqual([deviceId, deviceId]);
  });

  test('two connectors share the answers, and both know which devices are there', async () => {
    const deviceId = newDeviceId();
    await using one = await startTrial({ url, answerGroup: deviceId });
    await using two = await startTrial({ url, answerGroup: deviceId });
    const requestIds = Array.from({ length: 20 }, (_, index) => `r${index}`);
    for (const requestId of requestIds) {
      await publishWithMosquitto(broker, {
        topic: `devices/${deviceId}/commands/${requestId}/response`,
        payload: '',
      });
    }
    await publishWithMosquitto(broker, { topic: `devices/${deviceId}/status`, payload: 'online' });
    const reported = () => [...one.reports, ...two.reports].map(({ requestId }) => requestId).sort();
    await expect.poll(reported, { timeout: 30_000 }).toEqual(requestIds.sort());
    expect(one.reports).not.toHaveLength(0);
    expect(two.reports).not.toHaveLength(0);
    await expect.poll(() => one.presence.length + two.presence.length).toBe(2);
    expect(one.reachable.length + two.reachable.length).toBe(20);
  });
});
