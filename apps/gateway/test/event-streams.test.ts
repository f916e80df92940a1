import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { encodeLifecycleEvent } from '@preservarium/core';
import { createTestTopic, writeTopic } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { type RunningGateway, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const streamCount = 1_000;
const before = 100;
/** For the slow reader alone: more than its unread events and the buffers of both sockets. */
const bulk = 4_000;

async function write(topic: string, commandType: string, count: number, result: string): Promise<void> {
  for (let start = 0; start < count; start += 200) {
    const records = Array.from({ length: Math.min(200, count - start) }, (_, index) => {
      const command = { requestId: `${commandType}-${start + index}`, deviceId: 'd1', commandType };
      const value = encodeLifecycleEvent({ ...command, state: 'delivered', result, timestamp: new Date() });
      return { partition: 0, key: 'd1', value };
    });
    await writeTopic(kafka, `${topic}-events`, records);
  }
}

async function openStream(
  { url }: RunningGateway,
  key: string,
  { filter = '', after }: { readonly filter?: string; readonly after?: string } = {},
): Promise<IncomingMessage> {
  const headers = { 'x-api-key': key, ...(after !== undefined && { 'last-event-id': after }) };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = get(`${url}/v1/events${filter}`, { headers, agent: false }, resolve).on('error', reject);
  onTestFinished(() => void sent.destroy());
  return await promise;
}

/** Counts the events of a stream, and keeps the id of the last one. */
function countEvents(stream: IncomingMessage) {
  const counted = { events: 0, lastId: '', isEnded: false };
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const frames = (rest + text).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      if (!frame.includes('\nevent: ')) continue;
      counted.events++;
      counted.lastId = frame.slice('id: '.length, frame.indexOf('\n'));
    }
  });
  stream.on('end', () => {
    counted.isEnded = true;
  });
  return counted;
}

function residentMiB({ pid }: RunningGateway): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kibibytes) / 1_024);
}

test('of 1,000 streams, a slow one is ended, and all others get every event', {
  timeout: 400_000,
}, async () => {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const gateway = await startGateway({ topic, environment: { API_KEYS: 'fast,slow' } });
  const atStart = residentMiB(gateway);
  const slow = await openStream(gateway, 'slow');
  const fast = await Promise.all(
    Array.from({ length: streamCount - 1 }, async () =>
      countEvents(await openStream(gateway, 'fast', { filter: '?type=set_led' })),
    ),
  );
  const opened = residentMiB(gateway);
  await write(topic, 'set_led', before, 'ok');
  await expect.poll(() => fast.every(({ events }) => events === before), { timeout: 120_000 }).toBe(true);
  // Nobody reads the slow stream.
  await write(topic, 'update', bulk, 'x'.repeat(4_000));
  await write(topic, 'set_led', 1, 'ok');
  await expect.poll(() => fast.every(({ events }) => events === before + 1), { timeout: 120_000 }).toBe(true);
  const atEnd = residentMiB(gateway);
  const read = countEvents(slow);
  await expect.poll(() => read.isEnded, { timeout: 120_000 }).toBe(true);
  expect(read.events).toBeLessThan(before + bulk);
  expect(fast.some(({ isEnded }) => isEnded)).toBe(false);
  const resumed = countEvents(await openStream(gateway, 'slow', { after: read.lastId }));
  await expect.poll(() => read.events + resumed.events, { timeout: 120_000 }).toBe(before + bulk + 1);
  console.log(
    `${streamCount} streams: ${atStart} MiB at the start, ${opened} MiB open, ${atEnd} MiB after ${bulk} events; the slow one ended after ${read.events}`,
  );
});
