import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { decodeLifecycleEvent, encodeCommand, parseCommand } from '@preservarium/core';
import { createTestTopic, readTopic, writeTopic } from '@preservarium/dev-services';
import { beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type Names, namesIn, namesServed } from './promql.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const main = new URL('../dist/main.js', import.meta.url);

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const alerts: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(
  read('ops/prometheus/alerts.yaml'),
);
const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read('ops/grafana/dashboard.json'),
);
const document = read('docs/telemetry.md');

const rules = alerts.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr] as const));
const targets = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
);

/** Prometheus itself adds the first two, and `error_type` is on what fails only. */
const otherLabels = ['instance', 'job', 'error_type'];

let served: Names;

/** Returns the metrics that an expression names and the connector does not serve. */
function missing(expression: string): string[] {
  const { metrics, labels } = namesIn(expression);
  return [
    ...[...metrics].filter((name) => !served.metrics.has(name)),
    ...[...labels].filter((name) => !served.labels.has(name) && !otherLabels.includes(name)),
  ];
}

beforeAll(async () => {
  const tried = new Set<string>();
  const gateway = createServer((request, response) => {
    const device = request.url ?? '';
    const isFirst = !tried.has(device);
    tried.add(device);
    response.writeHead(device === '/refusing' ? 404 : device === '/busy' && isFirst ? 503 : 200).end();
  });
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const commands = ['well', 'busy', 'refusing'].map((deviceId) =>
    parseCommand({ requestId: deviceId, deviceId, commandType: 'set_led', protocol: 'http' }),
  );
  await writeTopic(kafka, topic, [
    ...commands.map((command) => ({ partition: 0, key: command.deviceId, value: encodeCommand(command) })),
    { partition: 0, key: 'broken', value: Buffer.from('half a rec') },
  ]);
  const directory = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/{deviceId}`;
  await using connector = startConnector(main, [
    ...connectorArguments(topic),
    ...['--http-device-directory', directory],
  ]);
  const ends = async () => {
    const records = await readTopic(kafka, `${topic}-events`).catch(() => []);
    const events = records.flatMap(({ value }) => {
      const decoded = decodeLifecycleEvent(value);
      return decoded.ok && !['dispatched', 'waiting'].includes(decoded.event.state)
        ? [decoded.event.state]
        : [];
    });
    return events.toSorted();
  };
  const expected = ['dead', 'delivered', 'delivered', 'rejected'];
  await vi.waitFor(async () => expect(await ends()).toEqual(expected), { timeout: 45_000, interval: 100 });
  served = namesServed(await connector.scrape());
  gateway.closeAllConnections();
  gateway.close();
});

test.each(rules)('the alert %s asks for what is served', (_, expr) => {
  expect(missing(expr)).toEqual([]);
});

test.each(targets)('the panel "%s" shows what is served', (_, expr) => {
  expect(missing(expr)).toEqual([]);
});

test('a name that nothing serves is found', () => {
  expect(missing('sum by (pusher_planet) (rate(pusher_delivery_total[5m]))')).toEqual([
    'pusher_delivery_total',
    'pusher_planet',
  ]);
  expect(() => missing('sum by (pusher_protocol')).toThrow('not PromQL');
});

test('docs/telemetry.md has every metric that is served, and those alone', () => {
  const families = [...served.metrics].map((name) => name.replace(/_(bucket|count|sum)$/, ''));
  const documented = [...document.matchAll(/^\| `[a-z_.]+` \| `([a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(new Set(documented)).toEqual(new Set(families));
});
