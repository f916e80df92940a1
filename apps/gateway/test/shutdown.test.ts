import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
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

/** A batch whose lines are sent for as long as the gateway reads them. */
function startBatch({ url }: RunningGateway) {
  const accepted: string[] = [];
  const headers = { 'content-type': 'application/x-ndjson' };
  const sending = request(`${url}/v1/commands:batch`, { method: 'POST', headers });
  onTestFinished(() => void sending.destroy());
  const closing = new AbortController();
  sending.on('error', () => closing.abort()).on('close', () => closing.abort());
  void (async () => {
    for (let count = 0; !closing.signal.aborted; count++) {
      const line = `${JSON.stringify({ ...command, device_id: 'd2', request_id: `batch-${count}` })}\n`;
      if (!sending.write(line)) await once(sending, 'drain', { signal: closing.signal }).catch(() => {});
    }
  })();
  const ended = (async () => {
    const [response] = await once(sending, 'response');
    for await (const line of createInterface({ input: response })) {
      const { status, request_id } = JSON.parse(line);
      if (status === 202) accepted.push(request_id);
    }
  })().catch(() => {});
  return { accepted, ended };
}

test.each(['kafkajs', 'rdkafka'])(
  'SIGTERM under load, %s: waits are answered, new requests get 503, and Kafka has all that was accepted',
  async (backend) => {
    const topic = await createTestTopic(kafka, { partitions: 3 });
    const environment = { GATEWAY_REQUESTS_PER_SECOND: '1000000' };
    const gateway = await startGateway({ topic, args: ['--backend', backend], environment });
    const post = createClient(gateway);
    const waits = [1, 2, 3].map((number) => post(`wait-${number}`, '?wait=succeeded&timeout=300s'));
    const load = startLoad(post);
    const batch = startBatch(gateway);
    // Its request has begun when the gateway stops, and ends later.
    const late = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    late.write('GET /v1/commands HTTP/1.1\r\nhost: localhost\r\n');
    await expect
      .poll(() => Math.min(load.accepted.length / 200, batch.accepted.length / 500))
      .toBeGreaterThan(1);
    const ended = gateway.kill('SIGTERM');
    for (const wait of waits) expect(await wait).toMatchObject({ status: 202, body: { state: 'published' } });
    late.write('\r\n');
    expect(await text(late)).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 5\r\n.*"code":"CLOSED"/s);
    await Promise.all([load.ended, batch.ended]);
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
    const accepted = [...load.accepted, ...batch.accepted, 'wait-1', 'wait-2', 'wait-3'];
    expect(accepted.filter((id) => !written.has(id))).toEqual([]);
  },
);
