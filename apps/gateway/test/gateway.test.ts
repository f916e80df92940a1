import { readFileSync } from 'node:fs';
import { createTestTopic } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { newFolder, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const command = { device_id: 'd1', command_type: 'set_led', protocol: 'mqtt', payload: { state: 'on' } };

function post(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/v1/commands`, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('a command that was answered with 202 is found, also by a gateway that is started after a kill -9', async () => {
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const folder = newFolder();
  const first = await startGateway({ topic, folder });
  const answer = await post(first.url, command);
  expect(answer.status).toBe(202);
  await first.kill('SIGKILL');
  const second = await startGateway({ topic, folder });
  const found = await fetch(`${second.url}${answer.headers.get('location')}`);
  expect(found.status).toBe(200);
  expect(await found.json()).toMatchObject({ device_id: 'd1', state: 'published', evidence: 'broker' });
  expect(await second.kill('SIGTERM')).toEqual({ exitCode: 0, stderr: '' });
});

test('a device id that cannot stand in a topic is refused, unless the templates allow it', async () => {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const statusesOf = async (url: string) => {
    const ids = ['living_room/lamp', 'a+', '#', 'a/b/c/d/e'];
    return Promise.all(ids.map(async (id) => (await post(url, { ...command, device_id: id })).status));
  };
  const { url } = await startGateway({ topic });
  expect(await statusesOf(url)).toEqual([400, 400, 400, 400]);
  const problem = await (await post(url, { ...command, device_id: 'living_room/lamp' })).json();
  expect(problem).toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ path: 'device_id' }] });
  expect((await post(url, { ...command, device_id: 'living_room/lamp', protocol: 'http' })).status).toBe(202);
  const environment = {
    MQTT_TOPIC_TEMPLATE: 'devices/{+deviceId}/commands',
    MQTT_SETTINGS_TOPIC_TEMPLATE: 'devices/{+deviceId}/settings',
  };
  const withLevels = await startGateway({ topic, environment });
  expect(await statusesOf(withLevels.url)).toEqual([202, 400, 400, 400]);
});

test('a command is found right after its 202', async () => {
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const { url } = await startGateway({ topic, args: ['--backend', 'rdkafka'] });
  const { status, headers } = await post(url, { ...command, request_id: 'a b/ü' });
  expect({ status, location: headers.get('location') }).toEqual({
    status: 202,
    location: '/v1/commands/a%20b%2F%C3%BC?device=d1',
  });
  const found = await fetch(`${url}${headers.get('location')}`);
  expect(await found.json()).toMatchObject({ request_id: 'a b/ü', state: 'published' });
  const unknown = await fetch(`${url}/v1/commands/unknown`);
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get('content-type')).toBe('application/problem+json');
});

test('a gateway that is killed takes the process of its feed with it, and one without a feed ends', async () => {
  const feedOf = ({ pid }: { readonly pid: number }) =>
    Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  const isRunning = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const killed = await startGateway({ topic });
  const feed = feedOf(killed);
  await killed.kill('SIGKILL');
  await expect.poll(() => isRunning(feed)).toBe(false);
  const ending = await startGateway({ topic });
  process.kill(feedOf(ending), 'SIGKILL');
  const stderr = 'gateway: STORE_FAILED: the process of the feed ended by SIGKILL\n';
  expect(await ending.kill('SIGCONT')).toEqual({ exitCode: 1, stderr });
});
