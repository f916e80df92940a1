import { headerTexts } from '@preservarium/backend';
import { readDeadLetter } from '@preservarium/dead-letters';
import {
  freeTcpPort,
  publishWithMosquitto,
  readTopic,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { fileWith, push, statesOf, stopped } from '../src/attacks.js';
import { as, createMqttScene } from '../src/mqtt-attack-scene.js';
import { connectRawMqtt } from '../src/raw-mqtt-client.js';
import { sharedKafka } from '../src/shared-kafka.js';

/** A device with a client of its own making, against the running connector and mosquitto with the rules of the README. Prints what stopped it. */

const timeout = 60_000;
const succeeded = '{"status":"succeeded"}';
const answerTopic = (deviceId: string, requestId: string) =>
  `devices/${deviceId}/commands/${requestId}/response`;

test('no topic alias moves an answer to another device, also after a reconnect', async () => {
  const { broker, topic } = await createMqttScene();
  const thief = await connectRawMqtt(broker.port, as('thief'));
  await using _pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt' });
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('delivered');
  await using heard = await subscribeWithMosquitto(broker, { ...as('connector'), topic: 'devices/#' });
  const aliased = (name: string, payload = succeeded) => ({
    topic: name,
    payload,
    properties: { topicAlias: 1 },
  });

  const own = await thief.publish(aliased(answerTopic('thief', 'r1')));
  stopped('name a topic of its own with alias 1', `code ${own}: it is its own`);
  const moved = await thief.publish(aliased(answerTopic('pump', 'r1')));
  stopped('name the answer topic of pump with the same alias', `code ${moved}`);
  expect(moved).toBe(0x87);
  const used = await thief.publish(aliased(''));
  stopped('publish with the alias alone', `code ${used}`);
  expect(used).toBe(0x87);
  const again = await connectRawMqtt(broker.port, as('thief'));
  const unknown = await again.publish(aliased(''));
  stopped('publish with the alias alone on another connection', `code ${unknown}, the connection ends`);
  expect(unknown).not.toBe(0);
  const pump = await connectRawMqtt(broker.port, as('pump'));
  await pump.publish(aliased(answerTopic('pump', 'r0')));
  const third = await connectRawMqtt(broker.port, as('thief'));
  const borrowed = await third.publish(aliased(''));
  stopped('publish with the alias that pump has on its connection', `code ${borrowed}`);
  expect(borrowed).not.toBe(0);

  await pump.publish({ topic: answerTopic('pump', 'r1'), payload: '{"status":"failed"}' });
  const topics: string[] = [];
  for await (const { topic: name } of heard.received) {
    topics.push(name);
    if (name === answerTopic('pump', 'r1')) break;
  }
  expect(topics).toEqual([answerTopic('thief', 'r1'), answerTopic('pump', 'r0'), answerTopic('pump', 'r1')]);
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('failed');
});

test('no property of a message speaks for another device', async () => {
  const { broker, topic } = await createMqttScene();
  await using _pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt' });
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('delivered');
  const userProperties = {
    ...{ device_id: 'pump', request_id: 'r1', 'record-type': 'cancel', topic: answerTopic('pump', 'r1') },
    traceparent: ['x', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
  };
  const attempts = {
    'user properties that name pump': { userProperties },
    'a response topic of pump': { responseTopic: 'devices/pump/settings/reported' },
    'correlation data of another request': { correlationData: Buffer.from('r0') },
    'a content type with a line feed': { contentType: 'application/json\nx: y' },
  };
  for (const [name, properties] of Object.entries(attempts)) {
    // mosquitto ends the connection of a client that sends control characters.
    const thief = await connectRawMqtt(broker.port, as('thief'));
    const code = await thief.publish({ topic: answerTopic('thief', 'r1'), payload: succeeded, properties });
    stopped(
      `answer on its own topic with ${name}`,
      code === 0 ? 'it is an answer of thief' : 'the broker ends the connection',
    );
  }
  await expect.poll(() => statesOf(topic, 'thief'), { timeout }).toContain('succeeded');
  const records = await readTopic(sharedKafka(), `${topic}-events`);
  for (const { key, headers } of records) {
    if (String(key) !== 'thief') continue;
    expect(Object.keys(headerTexts(headers))).not.toContain('device_id');
    expect(headerTexts(headers)['record-type']).not.toBe('cancel');
  }
  expect(await statesOf(topic, 'pump')).not.toContain('succeeded');
});

test('no will speaks for another device', async () => {
  const { broker, topic } = await createMqttScene({ arguments: ['--presence', 'require'] });
  await using pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await using heard = await subscribeWithMosquitto(broker, { ...as('connector'), topic: 'devices/#' });
  const wills = [
    ['devices/pump/status', 'offline'],
    ['devices/pump/settings/reported', '{"rate":5}'],
    [answerTopic('pump', 'r1'), succeeded],
    ['devices/thief/status', 'offline'],
  ] as const;
  for (const [name, payload] of wills) {
    const will = { topic: name, payload: Buffer.from(payload), qos: 1, retain: true } as const;
    const thief = await connectRawMqtt(broker.port, { ...as('thief'), will });
    await thief.breakOff();
  }
  const { value } = await heard.received[Symbol.asyncIterator]().next();
  expect(value?.topic).toBe('devices/thief/status');
  for (const [name] of wills.slice(0, -1))
    stopped(`leave a will for ${name}`, 'the broker publishes it to nobody');
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt', payload: { on: true } });
  const command = await pump.received[Symbol.asyncIterator]().next();
  expect(String(command.value?.payload)).toBe('{"on":true}');
  stopped('make pump count as away by a will', 'its command is sent');
});

test('retained answers, reports and presence count for nothing, or for their own device', async () => {
  const { broker, topic } = await createMqttScene({
    // With a shared subscription, as in MQTT 5, a broker sends no retained messages.
    arguments: ['--mqtt-protocol-version', '3.1.1', '--presence', 'require', '--evidence', 'executed'],
    async before(to) {
      const retain = (name: string, payload: string) =>
        publishWithMosquitto(to, { ...as('thief'), protocolVersion: 4, topic: name, payload, retain: true });
      await retain(answerTopic('thief', 'r9'), succeeded);
      await retain('devices/thief/settings/reported', '{"rate":5}');
      await retain('devices/pump/status', 'offline');
      await retain(answerTopic('pump', 'r9'), succeeded);
    },
  });
  await using own = await subscribeWithMosquitto(broker, { ...as('thief'), topic: 'devices/thief/commands' });
  await using pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  for (const deviceId of ['thief', 'pump'])
    await push(topic, { requestId: 'r9', deviceId, protocol: 'mqtt' });
  for (const { received } of [own, pump]) await received[Symbol.asyncIterator]().next();
  for (const deviceId of ['thief', 'pump'])
    expect(await statesOf(topic, deviceId)).not.toContain('succeeded');
  stopped('retain an answer to a request that comes later', 'the command is sent, and has no outcome yet');
  stopped('retain "offline" for pump', 'its command is sent');
  expect(await readTopic(sharedKafka(), `${topic}-reported`)).toEqual([]);
  stopped('retain a report of settings', 'no settings are stored');
});

test('no device takes the answers of others out of the group of the connectors', async () => {
  const { broker, topic } = await createMqttScene({ environment: { MQTT_ANSWER_GROUP: 'k3v9q0c8' } });
  const filters = ['devices/+/commands/+/response', 'devices/+/settings/reported'];
  await using _pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  const groups = ['preservarium-pusher', 'connectors'];
  for (const group of groups) {
    for (const filter of filters) {
      const topic = `$share/${group}/${filter}`;
      const thief = await subscribeWithMosquitto(broker, { ...as('thief'), topic });
      onTestFinished(() => thief.close());
      thief.received[Symbol.asyncIterator]()
        .next()
        .then(({ value }) => value && expect.fail(`${group} hears ${value.topic}`));
    }
  }
  const requestIds = Array.from({ length: 12 }, (_, index) => `r${index}`);
  for (const requestId of requestIds) await push(topic, { requestId, deviceId: 'pump', protocol: 'mqtt' });
  const count = async (state: string) =>
    (await statesOf(topic, 'pump')).filter((each) => each === state).length;
  await expect.poll(() => count('delivered'), { timeout }).toBe(requestIds.length);
  for (const requestId of requestIds) {
    await publishWithMosquitto(broker, {
      ...{ ...as('pump'), topic: answerTopic('pump', requestId), payload: succeeded },
    });
  }
  await expect.poll(() => count('succeeded'), { timeout: 10_000 }).toBe(requestIds.length);
  stopped(`join the groups ${groups.join(', ')}`, `all ${requestIds.length} answers of pump count`);
});

test('no device takes the session of a connector over', async () => {
  const port = await freeTcpPort();
  const { broker, topic } = await createMqttScene({
    arguments: ['--mqtt-client-id', 'connector-1'],
    configuration: [`listener ${port} 127.0.0.1`, 'use_username_as_clientid true'],
  });
  for (const clientId of ['connector-1-answers', 'connector-1-commands']) {
    await connectRawMqtt(port, { ...as('thief'), clientId, clean: false });
  }
  await using pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt' });
  await pump.received[Symbol.asyncIterator]().next();
  await publishWithMosquitto(broker, { ...as('pump'), topic: answerTopic('pump', 'r1'), payload: succeeded });
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('succeeded');
  stopped('connect with the client ids of the connector', 'it keeps its sessions, and hears pump');
});

test('no command answers for a device with topics of its own, or goes to another one', async () => {
  const types = await fileWith(
    'types.yaml',
    [
      'types:',
      '  plug: { mqtt: { preset: tasmota }, commands: { POWER: { payload: { type: string } } } }',
      '  relay: { mqtt: { preset: shelly-gen2 }, commands: { Switch.Set: {} } }',
      '  lamp: { mqtt: { preset: zigbee2mqtt }, commands: { set: {} } }',
    ].join('\n'),
  );
  const devices = await fileWith(
    'devices.yaml',
    'plug: plug\nrelay: relay\npreservarium/relay: relay\nkitchen/lamp: lamp\n',
  );
  const topics = 'user connector\ntopic readwrite #\nuser pump\ntopic readwrite #'.split('\n');
  const { broker, topic } = await createMqttScene({
    environment: { MQTT_DEVICE_TYPES: types, MQTT_DEVICES: devices },
    accessControl: topics,
  });
  await using heard = await subscribeWithMosquitto(broker, { ...as('pump'), topic: '#' });
  const protocol = 'mqtt';
  const attempts = [
    { deviceId: 'plug', commandType: 'POWER', topic: 'stat/plug/RESULT', payload: { $value: 'ON' } },
    { deviceId: 'RESULT', topic: 'stat/plug/RESULT', payload: { POWER: 'ON' } },
    { deviceId: 'rpc', topic: 'preservarium/relay/rpc', payload: { id: 'r1' } },
    { deviceId: 'preservarium/relay', commandType: 'Switch.Set', payload: { on: true } },
    { deviceId: 'lamp', topic: 'zigbee2mqtt/kitchen/lamp', payload: { state: 'ON' } },
    { deviceId: 'set', topic: 'zigbee2mqtt/kitchen/lamp/set', payload: { state: 'ON' } },
    { deviceId: 'POWER', topic: 'cmnd/plug/POWER', payload: { $value: 'ON' } },
  ];
  for (const attempt of attempts) await push(topic, { protocol, ...attempt });
  await push(topic, { protocol, deviceId: 'kitchen/lamp', commandType: 'set', payload: { last: true } });
  const { value } = await heard.received[Symbol.asyncIterator]().next();
  expect(value?.topic).toBe('zigbee2mqtt/kitchen/lamp/set');
  expect(String(value?.payload)).toBe('{"last":true}');
  const letters = async () => (await readTopic(sharedKafka(), `${topic}-dead`)).map(readDeadLetter);
  await expect.poll(async () => (await letters()).length, { timeout }).toBe(attempts.length);
  for (const read of await letters())
    if (read.ok) stopped('speak for a device by its type', read.letter.message);
});
