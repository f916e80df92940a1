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
