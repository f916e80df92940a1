import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { type Connector, type ConnectorOptions, runConnector } from '@preservarium/connector';
import type { LifecycleEvent } from '@preservarium/core';
import {
  type ConnectorPort,
  type Deliverer,
  type DeliveryContext,
  type DeliveryResult,
  traceContextOf,
} from '@preservarium/deliverer';
import { createPusherService } from '@preservarium/publisher';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerTestSdk } from '../test/test-sdk.js';
import { meterConnector, traceBackend, traceConnector } from './index.js';

const sdk = registerTestSdk();
const ofProtocol = { 'pusher.protocol': 'mqtt' };
const command = { deviceId: 'lamp-7', commandType: 'set_led', protocol: 'mqtt' as const };
const delivered = { kind: 'delivered', evidence: 'device' } as const;
const unreachable = { kind: 'retryable', reason: 'nobody there', unreachable: true } as const;

let broker: ReturnType<typeof createMemoryBroker>;
let service: ReturnType<typeof createPusherService>;
let connector: Connector;
let port: ConnectorPort;
beforeEach(() => {
  sdk.reset();
  broker = createMemoryBroker();
  broker.createTopic({ topic: 'device_commands', partitions: 1 });
  service = createPusherService({ backend: traceBackend(createMemoryBackend({ broker })) });
});
afterEach(async () => {
  await connector.close({ timeoutMs: 1_000 });
  await service.close();
});

async function start(
  deliver: (context: DeliveryContext) => DeliveryResult,
  more: Partial<ConnectorOptions> = {},
): Promise<ConnectorOptions> {
  const deliverer: Deliverer = {
    protocol: 'mqtt' as const,
    async start(given) {
      port = given;
    },
    deliver: async (_, context) => deliver(context),
    isReady: () => true,
    close: async () => {},
  };
  const settings = traceConnector({
    backend: createMemoryBackend({ broker }),
    deliverer,
    from: 'beginning',
    retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 5 },
    ...more,
  });
  connector = await runConnector(settings);
  return settings;
}

test('one trace has the push, each attempt, also of a command that waits, and the answer', async () => {
  const given: DeliveryContext[] = [];
  await start((context) => {
    given.push(context);
    return context.attempt < 4 ? unreachable : delivered;
  });
  const { requestId } = await service.pushCommand(command);
  await expect.poll(() => sdk.spans('deliver mqtt')).toHaveLength(4);
  await port.report({ deviceId: 'lamp-7', requestId, state: 'succeeded' });

  const [send] = sdk.spans('send device_commands');
  const attempts = sdk.spans('deliver mqtt');
  const [answer] = sdk.spans('answer mqtt');
  const { traceId, spanId } = send?.spanContext() ?? {};
  expect(attempts.map((span) => span.parentSpanContext?.spanId)).toEqual(Array(4).fill(spanId));
  expect(answer?.spanContext().traceId).toBe(traceId);
  expect(answer?.parentSpanContext?.spanId).toBe(attempts.at(-1)?.spanContext().spanId);
  expect(given.map(({ headers }) => traceContextOf(headers).traceparent)).toEqual(
    attempts.map((span) => `00-${traceId}-${span.spanContext().spanId}-01`),
  );
  expect(attempts[0]).toMatchObject({
    attributes: { 'pusher.device.id': 'lamp-7', 'pusher.delivery.attempt': 1, 'error.type': 'unreachable' },
    status: { code: 2, message: 'nobody there' },
  });
  expect(attempts[3]).toMatchObject({
    attributes: { 'pusher.delivery.result': 'delivered', 'pusher.delivery.evidence': 'device' },
    status: { code: 0 },
  });
});

test('a device may say where in the trace it is, but not that it is another one', async () => {
  await start(() => delivered);
  const { requestId } = await service.pushCommand(command);
  await expect.poll(() => sdk.spans('deliver mqtt')).toHaveLength(1);
  const [deliver] = sdk.spans('deliver mqtt');
  const { traceId, spanId } = deliver?.spanContext() ?? {};
  const ownSpanId = 'b7ad6b7169203331';
  const report = { deviceId: 'lamp-7', requestId, state: 'succeeded' } as const;
  await port.report({ ...report, headers: { traceparent: `00-${traceId}-${ownSpanId}-01` } });
  const another = '0af7651916cd43dd8448eb211c80319c';
  await port.report({ ...report, headers: { traceparent: `00-${another}-${ownSpanId}-01` } });
  expect(sdk.spans('answer mqtt').map((span) => span.parentSpanContext)).toMatchObject([
    { traceId, spanId: ownSpanId },
    { traceId, spanId },
  ]);
});

test('what a connector writes itself is counted and makes no traces', async () => {
  await start(() => delivered);
  await service.pushCommand(command);
  await expect.poll(() => broker.records('device_command_events')).toHaveLength(2);
  expect(sdk.spans('send device_command_events')).toEqual([]);
  expect(broker.records('device_command_events').map(({ headers }) => headers)).toEqual([[], []]);
  const written = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'device_command_events',
  };
  expect(await sdk.metric('messaging.client.sent.messages', written)).toBeGreaterThanOrEqual(2);
});

test('attempts, retries, latency and states of commands are counted', async () => {
  const before = async (name: string, attributes: object) =>
    (await sdk.metric(name, { ...ofProtocol, ...attributes })) ?? 0;
  const series = [
    ['pusher.deliveries', { 'pusher.delivery.result': 'delivered' }, 1],
    ['pusher.deliveries', { 'pusher.delivery.result': 'retryable' }, 3],
    ['pusher.delivery.duration', { 'pusher.delivery.result': 'retryable' }, 3],
    ['pusher.delivery.retries', {}, 3],
    ['pusher.command.latency', { 'pusher.delivery.evidence': 'device' }, 1],
    ['pusher.command.events', { 'pusher.command.state': 'waiting' }, 3],
    ['pusher.command.events', { 'pusher.command.state': 'delivered' }, 1],
  ] as const;
  const told: LifecycleEvent['state'][] = [];
  const counts = await Promise.all(series.map(([name, attributes]) => before(name, attributes)));
  await start(({ attempt }) => (attempt < 4 ? unreachable : delivered), {
    onEvent: ({ state }) => told.push(state),
  });
  await service.pushCommand(command);
  await expect.poll(() => told).toContain('delivered');
  for (const [index, [name, attributes, more]] of series.entries()) {
    expect(await sdk.metric(name, { ...ofProtocol, ...attributes })).toBe((counts[index] ?? 0) + more);
  }
});

test('the state of a connector is measured from before it starts until the measuring is ended', async () => {
  let running: Connector | undefined;
  const settings = await start(() => unreachable, {
    retry: { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000 },
  });
  let timesAsked = 0;
  const ask = () => {
    timesAsked += 1;
    return running;
  };
  const stop = meterConnector(ask, settings);
  const read = (name: string, attributes = {}) => sdk.metric(name, { ...ofProtocol, ...attributes });
  expect(await read('pusher.connector.ready')).toBe(0);
  running = connector;
  expect(await read('pusher.connector.ready')).toBe(1);
  await service.pushCommand(command);
  await expect.poll(() => read('pusher.commands.waiting')).toBe(1);
  await expect.poll(() => read('pusher.commands.in_flight')).toBe(0);
  const partition = String(connector.status().partitions[0]);
  await expect
    .poll(() => read('pusher.consumer.lag', { 'messaging.destination.partition.id': partition }))
    .toBe(0);
  expect(await read('pusher.connector.partitions')).toBe(connector.status().partitions.length);
  expect(await read('pusher.records.refused')).toBe(0);
  stop();
  timesAsked = 0;
  await read('pusher.connector.ready');
  expect(timesAsked).toBe(0);
});
