import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeCommand } from '@preservarium/core';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { type RunningGateway, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const connections = 32;
const command = { device_id: 'd1', command_type: 'set_led', protocol: 'mqtt', payload: { on: true } };

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

function createClient({ url }: RunningGateway) {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  /** Rejects where the connection ends without an answer. */
  return async (request_id: string, query = ''): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const sending = request(`${url}/v1/commands${query}`, { method: 'POST', agent, headers });
    sending.end(JSON.stringify({ ...command, request_id }));
    const [response] = await once(sending, 'response');
    const body = JSON.parse(await text(response));
    return { status: response.statusCode, retryAfter: response.headers['retry-after'], body };
  };
}

/** Sends commands one after another on each connection, until one is not accepted. */
function startLoad(post: ReturnType<typeof createClient>) {
  const accepted: string[] = [];
  const refused: Answer[] = [];
  async function sendOn(connection: number): Promise<void> {
    for (let count = 0; ; count++) {
      const id = `load-${connection}-${count}`;
      // A connection that ends without an answer says nothing of the command.
      const answer = await post(id).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status !== 202) return void refused.push(answer);
      accepted.push(id);
    }
  }
  const ended = Promise.all(Array.from({ length: connections }, (_, connection) => sendOn(connection)));
  return { accepted, refused, ended };
}

test.each(['kafkajs', 'rdkafka'])(
  'SIGTERM under load, %s: waits are answered, new requests get 503, and Kafka has all that was accepted',
  { timeout: 300_000 },
  async (backend) => {
    const topic = await createTestTopic(kafka, { partitions: 3 });
    const environment = { GATEWAY_REQUESTS_PER_SECOND: '1000000' };
    const gateway = await startGateway({ topic, args: ['--backend', backend], environment });
    const post = createClient(gateway);
    const waits = [1, 2, 3].map((number) => post(`wait-${number}`, '?wait=succeeded&timeout=300s'));
    for (const wait of waits) wait.catch(() => {});
    const load = startLoad(post);
    await expect.poll(() => load.accepted.length, { timeout: 120_000 }).toBeGreaterThan(200);
    const ended = gateway.kill('SIGTERM');
    for (const wait of waits) expect(await wait).toMatchObject({ status: 202, body: { state: 'published' } });
    await load.ended;
    for (const answer of load.refused) {
      expect(answer).toMatchObject({ status: 503, retryAfter: '5', body: { code: 'CLOSED' } });
    }
    expect(await ended).toEqual({ exitCode: 0, stderr: '' });
    const written = new Set(
      (await readTopic(kafka, topic)).map(({ value }) => {
        const decoded = decodeCommand(value);
        return decoded.ok ? decoded.command.requestId : decoded.message;
      }),
    );
    const accepted = [...load.accepted, 'wait-1', 'wait-2', 'wait-3'];
    expect(accepted.filter((id) => !written.has(id))).toEqual([]);
  },
);
