import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type ConsumedRecord, headerText, textHeaders } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { createPusherService } from '@preservarium/publisher';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerTestSdk } from '../test/test-sdk.js';
import { traceBackend } from './index.js';

const sdk = registerTestSdk();
const timeoutMs = 5_000;
const topic = 'device_commands';
const command = { deviceId: 'lamp-7', commandType: 'set_led', protocol: 'mqtt' as const };

let memory: ReturnType<typeof createMemoryBackend>;
let service: ReturnType<typeof createPusherService>;
beforeEach(() => {
  sdk.reset();
  memory = createMemoryBackend();
  service = createPusherService({ backend: traceBackend(memory) });
});
afterEach(() => service.close());

test('a push is a span in the trace of the application, and its record says of which', async () => {
  await trace.getTracer('application').startActiveSpan('request', async (request) => {
    await service.pushCommand(command);
    request.end();
  });
  const [request] = sdk.spans('request');
  const [send] = sdk.spans(`send ${topic}`);
  const { traceId, spanId } = send?.spanContext() ?? {};
  expect(traceId).toBe(request?.spanContext().traceId);
  expect(send?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
  expect(send?.attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.destination.name': topic,
    'messaging.kafka.message.key': 'lamp-7',
  });
  expect(memory.records(topic).map(({ headers }) => headers)).toEqual([
    textHeaders({ traceparent: `00-${traceId}-${spanId}-01` }),
  ]);
});

test('what goes to Kafka in one call is one span', async () => {
  for await (const outcome of service.pushCommands(Array(50).fill(command))) expect(outcome.ok).toBe(true);
  const spans = sdk.spans(`send ${topic}`);
  const counts = spans.map(({ attributes }) => Number(attributes['messaging.batch.message_count'] ?? 1));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
  expect(new Set(memory.records(topic).map(({ headers }) => headerText(headers, 'traceparent'))).size).toBe(
    spans.length,
  );
});

test('a push that is not sampled has no header in its record', async () => {
  const notSampled = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 0,
  };
  const active = trace.setSpanContext(ROOT_CONTEXT, notSampled);
  await context.with(active, () => service.pushCommand(command));
  expect(sdk.spans(`send ${topic}`)).toEqual([]);
  expect(memory.records(topic).map(({ headers }) => headers)).toEqual([[]]);
});

test('a record that belongs to a trace stays in it', async () => {
  const headers = textHeaders({
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    other: 'x',
  });
  const value = Buffer.from('{}');
  await traceBackend(memory).publish([{ topic, key: 'lamp-7', value, headers }], { timeoutMs });
  expect(memory.records(topic)[0]?.headers).toEqual(headers);
});

test('what fails is said by its code, on the span and in the metrics', async () => {
  await memory.close({ timeoutMs });
  await expect(service.pushCommand(command)).rejects.toMatchObject({ code: 'CLOSED' });
  const [send] = sdk.spans(`send ${topic}`);
  expect(send).toMatchObject({ attributes: { 'error.type': 'CLOSED' }, status: { code: 2 } });
  const failed = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    'error.type': 'CLOSED',
  };
  expect(await sdk.metric('messaging.client.sent.messages', failed)).toBe(1);
  expect(await sdk.metric('messaging.client.operation.duration', failed)).toBe(1);
});

test('reading is a span for each batch: in the trace of a single record, linked to those of several', async () => {
  const batches: (readonly ConsumedRecord[])[] = [];
  const backend = traceBackend(memory);
  await backend.publish([{ topic, key: 'a', value: Buffer.from('1') }], { timeoutMs });
  const onRecords = async (records: readonly ConsumedRecord[]) => void batches.push(records);
  const options = { topics: [topic], groupId: 'readers', from: 'beginning', onRecords } as const;
  const subscription = await backend.subscribe(options);
  await expect.poll(() => batches.flat()).toHaveLength(1);
  const records = Array.from({ length: 20 }, () => ({ topic, key: 'a', value: Buffer.from('2') }));
  await backend.publish(records, { timeoutMs });
  await expect.poll(() => batches.flat()).toHaveLength(21);
  await subscription.close({ timeoutMs });

  const processed = sdk.spans(`process ${topic}`);
  const sent = sdk.spans(`send ${topic}`);
  expect(processed).toHaveLength(batches.length);
  expect(processed[0]?.parentSpanContext?.spanId).toBe(sent[0]?.spanContext().spanId);
  const links = processed.flatMap((span) => span.links.map(({ context }) => context.spanId));
  const parents = processed.flatMap(({ parentSpanContext }) => parentSpanContext?.spanId ?? []);
  expect([...links, ...parents]).toHaveLength(21);
  const reading = {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.consumer.group.name': 'readers',
  };
  const polled = { ...reading, 'messaging.operation.name': 'poll' };
  const handed = { ...reading, 'messaging.operation.name': 'process' };
  expect(await sdk.metric('messaging.client.consumed.messages', polled)).toBe(21);
  expect(await sdk.metric('messaging.process.duration', handed)).toBe(batches.length);
});
