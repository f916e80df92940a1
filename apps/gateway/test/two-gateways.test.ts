import type { KafkaOptions } from '@preservarium/backend';
import { decodeCommand, encodeLifecycleEvent } from '@preservarium/core';
import {
  createTestTopic,
  type Postgres,
  readTopic,
  runStatement,
  startKafka,
  startPostgres,
  writeTopic,
} from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type RunningGateway, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const command = { device_id: 'd1', command_type: 'set_led', protocol: 'mqtt', payload: { state: 'on' } };
const location = '/v1/commands/k1?device=d1';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

interface World {
  readonly topic: string;
  readonly url: string;
  readonly one: RunningGateway;
  readonly other: RunningGateway;
}

/** Two gateways on one PostgreSQL and one Kafka. */
async function startTwo({ brokers }: Pick<KafkaOptions, 'brokers'> = kafka): Promise<World> {
  const topic = await createTestTopic({ brokers }, { partitions: 3, replicationFactor: 1 });
  const url = await postgres.createDatabase();
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: brokers.join(),
    COMMAND_STORE_URL: url,
    GATEWAY_PUSH_TIMEOUT_MS: '60000',
  };
  const [one, other] = await Promise.all([
    startGateway({ topic, environment }),
    startGateway({ topic, environment, args: ['--backend', 'rdkafka'] }),
  ]);
  return { topic, url, one, other };
}

async function post(gateway: RunningGateway, payload = command.payload, key = 'k1') {
  const response = await fetch(`${gateway.url}/v1/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ ...command, payload }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Request ids of the commands that Kafka has. */
async function pushedIds(topic: string, of: KafkaOptions = kafka): Promise<readonly string[]> {
  return (await readTopic(of, topic)).map(({ value }) => {
    const decoded = decodeCommand(value);
    if (!decoded.ok) throw new Error(decoded.message);
    return decoded.command.requestId;
  });
}

async function* framesOf(gateway: RunningGateway): AsyncGenerator<string, void> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`${gateway.url}/v1/events`, { signal: leaving.signal });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    yield* frames;
  }
}

test('a command of one gateway is that of the other', async () => {
  const { topic, one, other } = await startTwo();
  const first = await post(one);
  expect(first.status).toBe(202);
  expect(await post(other)).toEqual(first);
  expect(await post(other, { state: 'off' })).toMatchObject({
    status: 409,
    body: { code: 'REQUEST_CONFLICT' },
  });
  const found = await fetch(other.url + location);
  expect(await found.json()).toMatchObject({ request_id: 'k1', state: 'published', evidence: 'broker' });
  expect(await pushedIds(topic)).toEqual(['k1']);
});

test('the same request to both at once is pushed once, and gets one answer', {
  timeout: 300_000,
}, async () => {
  const { topic, one, other } = await startTwo();
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
  const gateways = [one, other, one, other];
  for (let start = 0; start < keys.length; start += 20) {
    const racing = keys.slice(start, start + 20).map(async (key) => {
      const answers = await Promise.all(gateways.map((gateway) => post(gateway, command.payload, key)));
      const [first] = answers;
      expect(first).toMatchObject({ status: 202, body: { request_id: key } });
      expect(answers).toEqual([first, first, first, first]);
    });
    await Promise.all(racing);
  }
  expect((await pushedIds(topic)).toSorted()).toEqual(keys.toSorted());
});

test('the streams of both have an event, and both know the state', async () => {
  const { topic, one, other } = await startTwo();
  const streams = [framesOf(one), framesOf(other)];
  for (const stream of streams) expect(await stream.next()).toMatchObject({ value: ': connected' });
  await post(one);
  const command = { requestId: 'k1', deviceId: 'd1', commandType: 'set_led' };
  for (const event of [{ state: 'dispatched' }, { state: 'succeeded', evidence: 'executed' }] as const) {
    const value = encodeLifecycleEvent({ ...command, ...event, timestamp: new Date() });
    await writeTopic(kafka, `${topic}-events`, [{ partition: 0, key: 'd1', value }]);
  }
  for (const stream of streams) {
    expect((await stream.next()).value).toMatch(/event: dispatched\ndata: .*"request_id":"k1"/);
    expect((await stream.next()).value).toMatch(/event: succeeded\ndata: .*"request_id":"k1"/);
  }
  for (const { url } of [one, other]) {
    const stateOf = async () => ((await (await fetch(url + location)).json()) as { state: string }).state;
    await expect.poll(stateOf).toBe('succeeded');
  }
});

test('a key whose gateway was killed before Kafka had the command is taken over by the other gateway', async () => {
  await using cluster = await startKafka({ isolated: true });
  const { topic, url, one, other } = await startTwo(cluster.settings);
  cluster.freeze();
  const lost = post(one).catch(() => 'no answer');
  const claims = () => runStatement(url, 'SELECT request_id, receipt FROM pusher_request_keys');
  await expect.poll(claims).toEqual([{ request_id: 'k1', receipt: null }]);
  await one.kill('SIGKILL');
  expect(await lost).toBe('no answer');
  cluster.thaw();
  const answer = await post(other);
  expect(answer).toMatchObject({ status: 202, body: { request_id: 'k1' } });
  expect(await post(other)).toEqual(answer);
  // The broker may take what the gateway had sent to it, too.
  expect(new Set(await pushedIds(topic, cluster.settings))).toEqual(new Set(['k1']));
});
