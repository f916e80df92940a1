import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BrokerLimits } from './mqtt-broker-limits.js';
import { encodePublish } from './mqtt-publish-packet.js';
import { createPublisher, type MqttMessage, type MqttPublisher } from './mqtt-publisher.js';

const boundless: BrokerLimits = {
  maxInFlight: 65_535,
  maxQos: 2,
  maxPacketBytes: Number.POSITIVE_INFINITY,
  takesRetained: true,
  takesSharedSubscriptions: true,
  takesWildcards: true,
};
const delivered = { kind: 'delivered', evidence: 'gateway' };

let now: number;
let overdue: number;
let stream: PassThrough;
let publisher: MqttPublisher;

beforeEach(() => {
  now = 1_000_000;
  overdue = 0;
  stream = new PassThrough();
  publisher = newPublisher(2);
  publisher.connected(stream, boundless);
});
afterEach(() => publisher.disconnected('the test is over'));

function newPublisher(maxInFlight: number): MqttPublisher {
  return createPublisher({
    maxInFlight,
    timeoutMs: 1_000,
    clock: () => now,
    onOverdue() {
      overdue += 1;
      publisher.disconnected('overdue');
    },
  });
}

function message(text: string, more: Partial<MqttMessage> & { readonly qos?: 1 | 2 } = {}): MqttMessage {
  const { qos = 1, ...others } = more;
  return {
    packet: encodePublish({
      topic: 't',
      payload: { bytes: Buffer.from(text), contentType: '' },
      qos,
      retain: false,
    }),
    retain: false,
    expiresAtMs: Number.POSITIVE_INFINITY,
    deadlineAtMs: performance.now() + 60_000,
    signal: new AbortController().signal,
    ...others,
  };
}

/** Packets written since the last call: message id and payload of each PUBLISH, in this test's short form. */
async function sent(): Promise<string[]> {
  const bytes = await readAll();
  const packets: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 2 + (bytes[at + 1] ?? 0);
    const packet = bytes.subarray(at, at + length);
    packets.push(
      (packet[0] ?? 0) >> 4 === 3
        ? `${packet.readUInt16BE(5)}:${packet.subarray(7)}`
        : packet.toString('hex'),
    );
    at += length;
  }
  return packets;
}

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const chunk: Buffer | null = stream.read();
    if (chunk === null) return Buffer.concat(chunks);
    chunks.push(chunk);
  }
}

const acknowledge = (messageId: number, reasonCode = 0) =>
  publisher.received({ cmd: 'puback', messageId, reasonCode });

test('no more are sent than may be in flight, and the others in order as there is room', async () => {
  const results = ['a', 'b', 'c', 'd'].map((text) => publisher.publish(message(text)));
  expect(await sent()).toEqual(['1:a', '2:b']);
  acknowledge(2);
  expect(await sent()).toEqual(['3:c']);
  acknowledge(1);
  acknowledge(3);
  expect(await sent()).toEqual(['4:d']);
  acknowledge(4);
  expect(await Promise.all(results)).toEqual([delivered, delivered, delivered, delivered]);
});

test("the broker's limit counts where it is lower", async () => {
  publisher.connected(stream, { ...boundless, maxInFlight: 1 });
  void publisher.publish(message('a'));
  void publisher.publish(message('b'));
  expect(await sent()).toEqual(['1:a']);
});

test('a message id that is in flight is given to no other', async () => {
  void publisher.publish(message('stays'));
  for (let number = 2; number <= 65_535; number++) {
    const result = publisher.publish(message('x'));
    acknowledge(number);
    await result;
  }
  expect((await sent()).at(-1)).toBe('65535:x');
  void publisher.publish(message('next'));
  expect(await sent()).toEqual(['2:next']);
});

test('with QoS 2 it is done on PUBCOMP, with what PUBREC said', async () => {
  const results = ['a', 'b'].map((text) => publisher.publish(message(text, { qos: 2 })));
  await sent();
  publisher.received({ cmd: 'pubrec', messageId: 1 });
  publisher.received({ cmd: 'pubrec', messageId: 2, reasonCode: 0x10 });
  expect(await sent()).toEqual(['62020001', '62020002']);
  publisher.received({ cmd: 'pubcomp', messageId: 1 });
  publisher.received({ cmd: 'pubcomp', messageId: 2 });
  expect(await results[0]).toEqual(delivered);
  expect(await results[1]).toMatchObject({ kind: 'retryable', unreachable: true });
  const refused = publisher.publish(message('c', { qos: 2 }));
  publisher.received({ cmd: 'pubrec', messageId: 3, reasonCode: 0x87 });
  expect(await refused).toMatchObject({ kind: 'rejected' });
});

describe('what is not sent', () => {
  test('waited until another connector might serve the device', async () => {
    let maySend = true;
    const [first] = ['a', 'b'].map((text) => publisher.publish(message(text)));
    const late = publisher.publish(message('late', { maySend: () => maySend }));
    maySend = false;
    acknowledge(1);
    await first;
    expect(await late).toEqual({
      kind: 'retryable',
      reason: 'another connector may serve the device',
      unreachable: true,
    });
    expect(await sent()).toEqual(['1:a', '2:b']);
  });

  test('expired while it waited', async () => {
    const [first] = ['a', 'b'].map((text) => publisher.publish(message(text)));
    const late = publisher.publish(message('late', { expiresAtMs: now + 500 }));
    now += 500;
    acknowledge(1);
    await first;
    expect(await late).toEqual({
      kind: 'retryable',
      reason: 'it expired before its turn',
      unreachable: false,
    });
    expect(await sent()).toEqual(['1:a', '2:b']);
  });

  test('aborted or given up while it waited', async () => {
    const controller = new AbortController();
    void publisher.publish(message('a'));
    void publisher.publish(message('b'));
    const aborted = publisher.publish(message('c', { signal: controller.signal }));
    const late = publisher.publish(message('d', { deadlineAtMs: performance.now() }));
    controller.abort();
    expect(await aborted).toMatchObject({ kind: 'retryable', unreachable: false });
    expect(await late).toMatchObject({ kind: 'retryable', unreachable: true });
    acknowledge(1);
    acknowledge(2);
    expect(await sent()).toEqual(['1:a', '2:b']);
    expect(overdue).toBe(0);
  });

  test('over what the broker takes, or not connected', async () => {
    publisher.connected(stream, { ...boundless, maxPacketBytes: 10, takesRetained: false });
    expect(await publisher.publish(message('abcdef'))).toMatchObject({ kind: 'rejected' });
    expect(await publisher.publish(message('', { retain: true }))).toMatchObject({ kind: 'rejected' });
    publisher.disconnected('gone');
    expect(await publisher.publish(message(''))).toMatchObject({ kind: 'retryable', unreachable: true });
    expect(await sent()).toEqual([]);
  });
});

test('an aborted message that was sent keeps its id until it is acknowledged', async () => {
  const controller = new AbortController();
  const aborted = publisher.publish(message('a', { signal: controller.signal }));
  void publisher.publish(message('b'));
  controller.abort();
  expect(await aborted).toMatchObject({ kind: 'retryable', unreachable: false });
  void publisher.publish(message('c'));
  expect(await sent()).toEqual(['1:a', '2:b']);
  acknowledge(1);
  expect(await sent()).toEqual(['3:c']);
});

test('a message that the broker leaves unanswered ends the connection, and all messages in flight', async () => {
  const unanswered = publisher.publish(message('a', { deadlineAtMs: performance.now() }));
  const others = ['b', 'c'].map((text) => publisher.publish(message(text)));
  expect(await unanswered).toEqual({
    kind: 'retryable',
    reason: 'the broker did not answer within 1000 ms',
    unreachable: true,
  });
  expect(await Promise.all(others)).toEqual(
    others.map(() => ({ kind: 'retryable', reason: 'overdue', unreachable: true })),
  );
  expect(overdue).toBe(1);
});

test('nothing of one connection is sent on, or acknowledged by, the next', async () => {
  const lost = ['a', 'b', 'c'].map((text) => publisher.publish(message(text)));
  publisher.disconnected('lost');
  expect((await Promise.all(lost)).map(({ kind }) => kind)).toEqual(['retryable', 'retryable', 'retryable']);
  await sent();
  publisher.connected(stream, boundless);
  acknowledge(1);
  const result = publisher.publish(message('d'));
  expect(await sent()).toEqual(['3:d']);
  acknowledge(3);
  expect(await result).toEqual(delivered);
});

test.each([
  { which: 'that the broker leaves unanswered', deadlineMs: 0 },
  { which: 'of a connection that ends', deadlineMs: 60_000 },
])('the event loop goes on while messages $which are given up', async ({ deadlineMs }) => {
  publisher = newPublisher(1_000);
  publisher.connected(stream, boundless);
  let turn = 0;
  let isCounting = true;
  (function count() {
    turn += 1;
    if (isCounting) setImmediate(count);
  })();
  const all = Array.from({ length: 200 }, async () => {
    const deadlineAtMs = performance.now() + deadlineMs;
    expect(await publisher.publish(message('a', { deadlineAtMs }))).toMatchObject({ kind: 'retryable' });
    compute(1);
    return turn;
  });
  if (deadlineMs > 0) publisher.disconnected('lost');
  const turns = await Promise.all(all);
  isCounting = false;
  expect(new Set(turns).size).toBeGreaterThanOrEqual(5);
});

function compute(ms: number): void {
  const endsAtMs = performance.now() + ms;
  while (performance.now() < endsAtMs) {
    // As a connector does that notes the end of an attempt.
  }
}
