import type { Deliverer } from '@preservarium/deliverer';
import { freeUdpPort } from '@preservarium/dev-services';
import type { Packet } from 'coap-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort, type FakePort } from './coap-fake-port.js';
import { createRawPeer, type RawPeer } from './coap-raw-peer.js';

const timeoutMs = 10_000;
const requests = 500;
let port: number;
let deliverer: Deliverer;
let fakePort: FakePort;
let peer: RawPeer;
beforeEach(async () => {
  port = await freeUdpPort();
  fakePort = createFakePort();
  deliverer = createCoapDeliverer({ listen: { host: '127.0.0.1', port }, timeoutMs });
  await deliverer.start(fakePort, { timeoutMs });
  peer = await createRawPeer();
});
afterEach(async () => {
  await deliverer.close({ timeoutMs: 0 });
  peer.close();
});

function report(messageId: number): Packet {
  const options = ['settings', 'a'].map((level) => ({
    name: 'Uri-Path' as const,
    value: Buffer.from(level),
  }));
  const [payload, token] = [Buffer.from('{"on":true}'), Buffer.of(1)];
  return { code: 'POST', confirmable: true, messageId, token, options, payload };
}

async function ask(messageId: number): Promise<string> {
  peer.send(report(messageId), port);
  const { value } = await peer.received.next();
  return `${value?.messageId} ${value?.code}`;
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a kept answer is bytes alone: no timer, request or stream is kept with it', async () => {
  await ask(0);
  const before = timers();
  for (let messageId = 1; messageId <= requests; messageId++) await ask(messageId);
  expect(timers() - before).toBeLessThan(requests / 10);
});

test('a request that comes twice is answered from what is kept', async () => {
  expect(await ask(7)).toBe('7 2.04');
  for (let messageId = 100; messageId <= 200; messageId++) await ask(messageId);
  const { length } = fakePort.settingsReports;
  expect(await ask(7)).toBe('7 2.04');
  expect(fakePort.settingsReports).toHaveLength(length);
});

test('an answer that comes apart is repeated until it is acknowledged', async () => {
  const kept = Promise.withResolvers<{ kind: 'kept' }>();
  fakePort.onReport(() => kept.promise);
  // An empty acknowledgement, since Kafka takes longer than the device waits.
  expect(await ask(1)).toBe('1 0.00');
  kept.resolve({ kind: 'kept' });
  const { value: first } = await peer.received.next();
  const { value: repeated } = await peer.received.next();
  expect(repeated).toMatchObject({ messageId: first?.messageId, confirmable: true, code: '2.04' });
  const before = timers();
  peer.send({ code: '0.00', ack: true, messageId: repeated?.messageId ?? 0 }, port);
  expect(await ask(2)).toBe('2 2.04');
  expect(timers()).toBeLessThanOrEqual(before);
});
