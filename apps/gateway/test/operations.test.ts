import { readFileSync } from 'node:fs';
import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
// They answer without a key.
const environment = { API_KEYS: 'secret' };

async function startOne() {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  return startGateway({ topic, environment });
}

test('/readyz says whether Kafka, the store and the feed are ready, and /healthz that the process lives', {
  timeout: 400_000,
}, async () => {
  await using cluster = await startKafka({ isolated: true });
  const topic = await createTestTopic(cluster.settings, { partitions: 1, replicationFactor: 1 });
  const KAFKA_BOOTSTRAP_SERVERS = cluster.settings.brokers.join();
  const { url } = await startGateway({ topic, environment: { ...environment, KAFKA_BOOTSTRAP_SERVERS } });
  const ask = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.json() };
  };
  const timeout = 120_000;
  const ready = { ready: true, kafka: true, store: true, feed: true };
  await expect.poll(() => ask('/readyz'), { timeout }).toEqual({ status: 200, body: ready });
  cluster.freeze();
  const away = { ready: false, kafka: false, store: true, feed: true };
  await expect.poll(() => ask('/readyz'), { timeout }).toEqual({ status: 503, body: away });
  expect(await ask('/healthz')).toEqual({ status: 200, body: { status: 'alive' } });
  cluster.thaw();
  await expect.poll(() => ask('/readyz'), { timeout }).toEqual({ status: 200, body: ready });
});

test('/metrics has the metrics in the text format of Prometheus', { timeout: 300_000 }, async () => {
  const { url } = await startOne();
  const command = { device_id: 'd1', command_type: 'set_led', protocol: 'mqtt', payload: {} };
  const headers = { 'x-api-key': 'secret', 'content-type': 'application/json' };
  const pushed = await fetch(`${url}/v1/commands`, {
    method: 'POST',
    headers,
    body: JSON.stringify(command),
  });
  expect(pushed.status).toBe(202);
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain/),
  ]);
  expect(await response.text()).toMatch(
    /^http_server_request_duration_count\{.*http_response_status_code="202",http_route="\/v1\/commands".*\} 1\b/m,
  );
});

test('/docs shows the API, with all that the page loads', { timeout: 300_000 }, async () => {
  const { url } = await startOne();
  const response = await fetch(`${url}/docs`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/html/),
  ]);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  const page = await response.text();
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(1);
  for (const path of loaded) {
    const { status } = await fetch(new URL(path, response.url));
    expect(status, path).toBe(200);
  }
});

test.each(['openapi.json', 'asyncapi.json'])(
  '/%s is that of the documentation',
  { timeout: 300_000 },
  async (name) => {
    const { url } = await startOne();
    const response = await fetch(`${url}/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const committed = JSON.parse(
      readFileSync(new URL(`../../../docs/${name}`, import.meta.url).pathname, 'utf8'),
    );
    const { paths, channels } = (await response.json()) as Record<string, object>;
    // The names of topics are those of the test.
    expect(Object.keys(paths ?? channels ?? {})).toEqual(Object.keys(committed.paths ?? committed.channels));
  },
);
