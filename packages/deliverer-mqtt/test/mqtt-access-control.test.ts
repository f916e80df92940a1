import { readFileSync } from 'node:fs';
import {
  freeTcpPort,
  publishWithMosquitto,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { connect } from 'mqtt';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { startTrial, take } from './mqtt-trial.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, accessControl = ''] = /```\n(# Each device: .*?)\n```/s.exec(readme) ?? [];
const users = { connector: 'c', pump: 'p', thief: 't' };
const broker = await startMosquitto({ users, accessControl: accessControl.split('\n') });
afterAll(() => broker.stop());

test.each([5, 4] as const)(
  'with the rules of the README, no device of MQTT version %i speaks for another one or hears its commands',
  async (protocolVersion) => {
    const as = (username: keyof typeof users) => ({ protocolVersion, username, password: users[username] });
    const say = (username: keyof typeof users, topic: string, payload: string) =>
      // With MQTT 5, mosquitto_pub fails where the broker refuses the message.
      publishWithMosquitto(broker, { ...as(username), topic, payload }).catch(() => {});
    await using trial = await startTrial({
      url: broker.url,
      protocolVersion,
      username: 'connector',
      password: users.connector,
    });
    await using pump = await subscribeWithMosquitto(broker, {
      ...as('pump'),
      topic: 'devices/pump/commands',
    });
    await say('thief', 'devices/pump/status', 'online');
    await say('thief', 'devices/pump/commands/r1/response', '{"status":"succeeded"}');
    await say('thief', 'devices/pump/settings/reported', '{"rate":5}');
    await say('thief', 'devices/pump/commands', '{"forged":true}');
    await say('connector', 'devices/pump/commands/r1/response', '{"status":"succeeded"}');

    expect(await trial.deliver({ deviceId: 'pump', payload: { on: true } })).toMatchObject({
      kind: 'delivered',
    });
    expect(await take(pump.received, 1)).toMatchObject([{ payload: Buffer.from('{"on":true}') }]);
    await say('pump', 'devices/pump/settings/reported', '{"rate":7}');
    await expect.poll(() => trial.reported).toEqual([{ deviceId: 'pump', patch: { rate: 7 } }]);
    await say('pump', 'devices/pump/commands/r1/response', '{"status":"failed"}');
    await expect
      .poll(() => trial.reports)
      .toMatchObject([{ deviceId: 'pump', requestId: 'r1', state: 'failed' }]);
    await say('pump', 'devices/pump/status', 'online');
    await expect.poll(() => new Set(trial.reachable)).toEqual(new Set(['pump']));
  },
);

test('a device that subscribes to all topics hears no command of another one', async () => {
  const thief = { username: 'thief', password: users.thief };
  await using trial = await startTrial({ url: broker.url, username: 'connector', password: users.connector });
  await using spy = await subscribeWithMosquitto(broker, { ...thief, protocolVersion: 4, topic: '#' });
  await using _pump = await subscribeWithMosquitto(broker, {
    username: 'pump',
    password: users.pump,
    topic: 'devices/pump/commands',
  });
  expect(await trial.deliver({ deviceId: 'pump' })).toMatchObject({ kind: 'delivered' });
  await using _own = await subscribeWithMosquitto(broker, { ...thief, topic: 'devices/thief/commands' });
  expect(await trial.deliver({ deviceId: 'thief' })).toMatchObject({ kind: 'delivered' });
  expect(await take(spy.received, 1)).toMatchObject([{ topic: 'devices/thief/commands' }]);
});

test('with the option of the README, no device takes over the session in which the broker keeps commands of another one', async () => {
  const port = await freeTcpPort();
  const configuration = [`listener ${port} 127.0.0.1`, 'use_username_as_clientid true'];
  const own = await startMosquitto({ users, accessControl: accessControl.split('\n'), configuration });
  onTestFinished(() => own.stop());
  const open = async (username: keyof typeof users) => {
    const client = connect(`mqtt://127.0.0.1:${port}`, {
      ...{ username, password: users[username], clientId: 'of the pump', clean: false, reconnectPeriod: 0 },
    });
    const received: string[] = [];
    client.on('message', (_, payload) => received.push(String(payload)));
    await new Promise((resolve) => client.once('connect', resolve));
    await client.subscribeAsync(`devices/${username}/commands`, { qos: 1 });
    return { client, received };
  };
  await (await open('pump')).client.endAsync();
  await using trial = await startTrial({ url: own.url, username: 'connector', password: users.connector });
  expect(await trial.deliver({ deviceId: 'pump', payload: { on: true } })).toMatchObject({
    kind: 'delivered',
  });
  const thief = await open('thief');
  await thief.client.endAsync();
  expect(thief.received).toEqual([]);
  const pump = await open('pump');
  await expect.poll(() => pump.received).toEqual(['{"on":true}']);
  await pump.client.endAsync();
});
