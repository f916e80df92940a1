import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { textHeaders } from '@preservarium/backend';
import { encodeCommand, parseCommand } from '@preservarium/core';
import { readDeadLetter } from '@preservarium/dead-letters';
import {
  createTestTopic,
  publishWithMosquitto,
  readTopic,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { program, push, statesOf, stopped } from '../src/attacks.js';
import { createMqttScene, type MqttUser } from '../src/mqtt-attack-scene.js';
import { sharedKafka } from '../src/shared-kafka.js';

/** The attacker against the running connectors, each with the rules that its README asks for. Prints what stopped each attack. */

const kafka = sharedKafka();
const timeout = 60_000;

test('MQTT: nobody answers, reports, is present, hears or commands for another device', async () => {
  const { broker, topic, as } = await createMqttScene();
  await using pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await using shared = await subscribeWithMosquitto(broker, {
    ...as('thief'),
    topic: '$share/thieves/devices/+/commands',
  });
  const topics = [
    'devices/pump/commands/r1/response',
    'devices/pump/settings/reported',
    'devices/pump/status',
    'devices/pump/commands',
    '$share/preservarium-pusher/devices/pump/commands/r1/response',
  ];
  const payload = '{"status":"succeeded"}';
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt' });
  await pump.received[Symbol.asyncIterator]().next();
  await using heard = await subscribeWithMosquitto(broker, { ...as('connector'), topic: 'devices/#' });
  for (const name of topics) {
    // With MQTT 5 some programs of mosquitto fail where the broker refuses a message, others say it.
    for (const user of ['thief', '+', 'thief/../pump'] satisfies MqttUser[])
      await publishWithMosquitto(broker, { ...as(user), topic: name, payload }).catch(() => {});
  }
  await expect(publishWithMosquitto(broker, { topic: topics[0] ?? '', payload })).rejects.toThrow(
    'mosquitto_pub',
  );
  stopped('publish without a user', 'the broker refuses the connection');
  // The broker takes these: they are topics of the thief's own.
  const own = { ...as('thief'), payload };
  await publishWithMosquitto(broker, { ...own, topic: 'devices/thief/commands/r1/response' });
  const correlated = { topic: 'devices/thief/commands/r2/response', correlationData: 'r1' };
  await publishWithMosquitto(broker, { ...own, ...correlated });
  const answer = { topic: topics[0] ?? '', payload: '{"status":"failed"}' };
  await publishWithMosquitto(broker, { ...as('pump'), ...answer });
  const topicsHeard: string[] = [];
  for await (const message of heard.received) {
    topicsHeard.push(message.topic);
    if (message.topic === answer.topic) {
      expect(String(message.payload)).toBe(answer.payload);
      break;
    }
  }
  expect(topicsHeard).toEqual([
    ...['devices/thief/commands/r1/response', 'devices/thief/commands/r2/response', answer.topic],
  ]);
  for (const name of topics)
    stopped(`publish ${name} as thief, + and thief/../pump`, 'the broker delivers it to nobody');
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('failed');
  expect(await statesOf(topic, 'pump')).not.toContain('succeeded');
  stopped('answer the request of another device on a topic of its own', 'the command of pump is failed');

  await push(topic, { deviceId: 'thief', protocol: 'mqtt', payload: { own: true } });
  const { value } = await shared.received[Symbol.asyncIterator]().next();
  expect(value?.topic).toBe('devices/thief/commands');
  stopped('hear the commands of all devices by a shared subscription', 'only those of thief came');
});

test('MQTT: no command goes to another device or speaks for one', async () => {
  const { broker, topic, as } = await createMqttScene();
  await using own = await subscribeWithMosquitto(broker, { ...as('thief'), topic: 'devices/thief/commands' });
  const toTopics = [
    ...['devices/pump/settings/reported', 'devices/pump/status', 'devices/pump/commands'],
    ...['devices/pump/commands/thief/response', 'devices/thief/status', 'devices/thief/settings/reported'],
    ...['devices/+/thief', 'devices/thief/#', '$share/g/thief', '$SYS/thief', 'devices/thiéf/commands'],
    ...['devices/Thief/commands', 'devices/thief\u200b/commands', 'devices/pump/../thief\u0000'],
  ];
  const ids = ['+', '#', 'thief/../pump', 'pump/commands', 'thief\ud800'];
  const given = [
    ...toTopics.map((name) => ({ name, command: { deviceId: 'thief', metadata: { topic: name } } })),
    ...ids.map((deviceId) => ({ name: deviceId, command: { deviceId } })),
  ];
  const wire = (command: object) =>
    Buffer.from(
      JSON.stringify({
        ...{
          request_id: 'r',
          command_type: 'x',
          protocol: 'mqtt',
          payload: {},
          timestamp: '2099-01-01T00:00:00Z',
        },
        ...command,
      }),
    );
  const values = given.map(({ command: { deviceId, ...rest } }, index) =>
    wire({ ...rest, device_id: deviceId, request_id: `r${index}` }),
  );
  const key = 'thief';
  await writeTopic(
    kafka,
    topic,
    values.map((value) => ({ partition: 0, key, value })),
  );
  await push(topic, { deviceId: 'thief', protocol: 'mqtt', payload: { last: true } });
  const { value } = await own.received[Symbol.asyncIterator]().next();
  expect(String(value?.payload)).toBe('{"last":true}');
  const letters = async () => (await readTopic(kafka, `${topic}-dead`)).map(readDeadLetter);
  await expect.poll(async () => (await letters()).length, { timeout }).toBe(given.length);
  for (const read of await letters()) {
    expect(read.ok).toBe(true);
    if (!read.ok) continue;
    const { deviceId, metadata } = JSON.parse(String(read.letter.value)) as {
      readonly deviceId?: string;
      readonly metadata?: object;
    };
    stopped(
      `command ${JSON.stringify(metadata ?? deviceId ?? String(read.letter.value))}`,
      read.letter.message,
    );
  }
});

test('a forged dead letter is sent to no other topic', async () => {
  const commands = await createTestTopic(kafka, { partitions: 1 });
  const letters = await createTestTopic(kafka, { partitions: 1 });
  const payments = await createTestTopic(kafka, { partitions: 1 });
  const value = encodeCommand(parseCommand({ deviceId: 'pump', commandType: 'x', protocol: 'mqtt' }));
  const headers = textHeaders({
    ...{
      'record-type': 'dead-letter',
      'dead-reason': 'exhausted',
      'dead-message': 'x',
      'dead-attempts': '1',
    },
    ...{ 'dead-group': 'g', 'dead-at': '2000', 'source-topic': payments, 'source-partition': '0' },
    ...{ 'source-offset': '0', 'source-timestamp': '0' },
  });
  await writeTopic(kafka, letters, [{ partition: 0, key: 'pump', value, headers }]);
  const pusher = fileURLToPath(program('cli'));
  const args = [
    'dead',
    'redrive',
    '0:0',
    '--yes',
    '--dead-letter-topic',
    letters,
    '--command-topic',
    commands,
  ];
  const said = await promisify(execFile)(process.execPath, [pusher, ...args], { env: process.env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr,
  );
  stopped(`redrive a forged dead letter of ${payments}`, said.trim());
  expect(await readTopic(kafka, payments)).toEqual([]);
  expect(await readTopic(kafka, commands)).toEqual([]);
});
