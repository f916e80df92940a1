import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CommandInput, ConfigurationError, parseCommand } from '@preservarium/core';
import type { Deliverer, DeliveryResult, ReportOutcome } from '@preservarium/deliverer';
import { freeUdpPort } from '@preservarium/dev-services';
import type { Packet } from 'coap-packet';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort, type FakePort } from './coap-fake-port.js';
import { createRawPeer, type RawMessage, type RawPeer } from './coap-raw-peer.js';

const timeoutMs = 10_000;
let deliverer: Deliverer;
let peer: RawPeer;
beforeEach(async () => {
  peer = await createRawPeer();
});
afterEach(async () => {
  await deliverer.close({ timeoutMs: 0 });
  peer.close();
});

function deliver(
  fields: Partial<CommandInput> = {},
  { mayBeRepeat = false }: { readonly mayBeRepeat?: boolean } = {},
): Promise<DeliveryResult> {
  const command = parseCommand({ deviceId: 'a', commandType: 'set', protocol: 'coap', ...fields });
  return deliverer.deliver(command, { attempt: 1, mayBeRepeat, signal: new AbortController().signal });
}

async function next(from: RawPeer = peer): Promise<RawMessage> {
  const { value } = await from.received.next();
  if (value === undefined) throw new Error('the peer was closed');
  return value;
}

describe('a device that is pushed to', () => {
  let toNeighbour: string;
  beforeEach(async () => {
    const directory = (deviceId: string) =>
      deviceId === 'neighbour' ? toNeighbour : `coap://127.0.0.1:${peer.port}`;
    deliverer = createCoapDeliverer({ directory, timeoutMs });
    await deliverer.start(createFakePort(), { timeoutMs });
  });

  function answer({ messageId, token, from }: RawMessage, packet: Packet): void {
    peer.send({ messageId, token, ack: true, code: '2.04', ...packet }, from.port);
  }

  test('and answers with something that node-coap throws at, fails alone', async () => {
    const delivering = deliver();
    answer(await next(), { options: [{ name: 'Block1', value: Buffer.alloc(0) }] });
    expect(await delivering).toEqual({
      kind: 'retryable',
      reason: expect.stringContaining('Invalid block option'),
      unreachable: false,
    });
    const again = deliver();
    answer(await next(), {});
    expect(await again).toEqual({ kind: 'delivered', evidence: 'device' });
  });

  test('and wants to know that a request is fresh, gets its Echo back once', async () => {
    const delivering = deliver({ payload: { on: true } });
    const first = await next();
    const echo = { name: '252', value: Buffer.from('fresh') } as never;
    answer(first, { code: '4.01', options: [echo] });
    const second = await next();
    expect(second.messageId).not.toBe(first.messageId);
    expect(second.from.port).toBe(first.from.port);
    const option = second.options.find(({ name }) => String(name) === '252');
    expect([option?.value, second.payload]).toEqual([Buffer.from('fresh'), first.payload]);
    answer(second, {});
    expect(await delivering).toEqual({ kind: 'delivered', evidence: 'device' });

    const again = deliver();
    answer(await next(), { code: '4.01', options: [echo] });
    answer(await next(), { code: '4.01', options: [echo] });
    expect(await again).toEqual({ kind: 'rejected', reason: 'the device answered 4.01' });
    const unasked = deliver();
    answer(await next(), { code: '4.01' });
    expect(await unasked).toEqual({ kind: 'rejected', reason: 'the device answered 4.01' });
  });

  test('and answers in blocks without end, is given up', async () => {
    const delivering = deliver();
    const block = { name: 'Block2', value: Buffer.of(0x0e) } as const;
    let isEnded = false;
    void delivering.then(() => {
      isEnded = true;
    });
    while (!isEnded) {
      const request = await Promise.race([next(), delivering]);
      if ('kind' in request) break;
      answer(request, { code: '2.05', options: [block], payload: Buffer.alloc(1_024, 'a') });
    }
    expect(await delivering).toMatchObject({
      kind: 'retryable',
      reason: expect.stringContaining('more than a device may say'),
    });
  });

  test('and sends what is not CoAP first, is listened to', async () => {
    const delivering = deliver();
    const request = await next();
    for (const hex of ['', '00', '40', '6f4400010102', 'ffffffff']) {
      peer.send(Buffer.from(hex, 'hex'), request.from.port);
    }
    answer(request, { messageId: request.messageId ^ 1, token: Buffer.of(9), ack: false });
    answer(request, { token: Buffer.of(9) });
    answer(request, { code: '2.05', payload: Buffer.from('ok') });
    expect(await delivering).toEqual({ kind: 'delivered', evidence: 'device', result: 'ok' });
  });

  test('and resets the exchange, is there', async () => {
    const delivering = deliver();
    const { messageId, from } = await next();
    peer.send({ messageId, code: '0.00', reset: true }, from.port);
    expect(await delivering).toMatchObject({ kind: 'retryable', unreachable: false });
  });

  test('has one outstanding request, however many devices are at its endpoint', async () => {
    const deliveries = ['a', 'b', 'c'].map((deviceId) => deliver({ deviceId }));
    const first = await next();
    // A request to the same endpoint would be sent before this one.
    const neighbour = await createRawPeer();
    toNeighbour = `coap://127.0.0.1:${neighbour.port}`;
    const delivering = deliver({ deviceId: 'neighbour' });
    const { messageId, token, from } = await next(neighbour);
    neighbour.send({ messageId, token, ack: true, code: '2.04' }, from.port);
    expect(await delivering).toMatchObject({ kind: 'delivered' });
    neighbour.close();
    const second = next();
    expect(await Promise.race([second, nextTurn('none')])).toBe('none');
    // An empty acknowledgement: the answer comes apart, and others need not wait for it.
    peer.send({ messageId: first.messageId, code: '0.00', ack: true }, first.from.port);
    answer(await second, {});
    answer(await next(), {});
    peer.send({ messageId: 1, token: first.token, code: '2.04' }, first.from.port);
    for (const delivery of deliveries) expect(await delivery).toMatchObject({ kind: 'delivered' });
  });

  test('is sent its commands from one port', async () => {
    const ports = new Set<number>();
    for (let number = 1; number <= 3; number++) {
      const delivering = deliver();
      const request = await next();
      ports.add(request.from.port);
      answer(request, {});
      expect(await delivering).toMatchObject({ kind: 'delivered' });
    }
    expect(ports.size).toBe(1);
  });

  test('and answers an earlier request once more, is not heard', async () => {
    const first = deliver();
    const request = await next();
    answer(request, {});
    await first;
    const second = deliver();
    const again = await next();
    answer(request, { code: '4.04' });
    answer(again, {});
    expect(await second).toMatchObject({ kind: 'delivered' });
  });

  test('and is busy, says for how long', async () => {
    const delivering = deliver();
    answer(await next(), { code: '5.03', options: [{ name: 'Max-Age', value: Buffer.of(30) }] });
    expect(await delivering).toMatchObject({ kind: 'retryable', unreachable: false, afterMs: 30_000 });
  });

  test('is not answered for by another', async () => {
    const other = await createRawPeer();
    const delivering = deliver({ expiresAt: new Date(Date.now() + 1_000) });
    const { messageId, token, from } = await next();
    other.send({ messageId, token, ack: true, code: '2.04' }, from.port);
    expect(await delivering).toMatchObject({ kind: 'retryable', unreachable: true });
    other.close();
  });

  test('is sent a request once only, when another connector may serve it before it answers', async () => {
    let mayServe = true;
    const command = parseCommand({ deviceId: 'a', commandType: 'set', protocol: 'coap' });
    const { signal } = new AbortController();
    const context = { attempt: 1, mayBeRepeat: false, signal, maySend: () => mayServe };
    const delivering = deliverer.deliver(command, context);
    await next();
    mayServe = false;
    expect(await delivering).toMatchObject({ reason: 'another connector may serve the device' });
    const later = deliver({ payload: { later: true } });
    const following = await next();
    expect(following.payload.toString()).toBe('{"later":true}');
    answer(following, {});
    expect(await later).toMatchObject({ kind: 'delivered' });
  });

  test('cannot be sent a request that does not fit into a datagram', async () => {
    const path = `/${'a'.repeat(255)}`.repeat(6);
    expect(await deliver({ path })).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining('Max packet size'),
    });
  });
});

describe('the directory', () => {
  test.each<[string, () => string | undefined, object]>([
    ['does not know the device', () => undefined, { kind: 'rejected' }],
    ['gives another protocol', () => 'http://127.0.0.1', { kind: 'rejected' }],
    ['gives a host that does not exist', () => 'coap://no.invalid', { kind: 'retryable', unreachable: true }],
    [
      'fails',
      () => {
        throw new Error('down');
      },
      { kind: 'retryable', unreachable: true, reason: expect.stringContaining('down') },
    ],
  ])('%s', async (_, directory, result) => {
    deliverer = createCoapDeliverer({ directory, timeoutMs });
    await deliverer.start(createFakePort(), { timeoutMs });
    expect(await deliver()).toMatchObject(result);
  });
});

describe('the server for devices that poll', () => {
  let fakePort: FakePort;
  let listening: { host: string; port: number; maxDevices: number };
  beforeEach(async () => {
    fakePort = createFakePort();
    listening = { host: '127.0.0.1', port: await freeUdpPort(), maxDevices: 1 };
    deliverer = createCoapDeliverer({ listen: listening, timeoutMs });
    await deliverer.start(fakePort, { timeoutMs });
  });

  let lastMessageId = 0;
  function get(deviceId: string, packet: Packet = {}): Packet {
    const options = ['commands', deviceId].map((segment) => ({
      name: 'Uri-Path',
      value: Buffer.from(segment),
    }));
    lastMessageId++;
    const token = Buffer.of(lastMessageId);
    return {
      code: 'GET',
      confirmable: true,
      messageId: lastMessageId,
      token,
      ...packet,
      options: [...options, ...(packet.options ?? [])],
    };
  }

  const echoOf = ({ code, options }: RawMessage) =>
    code === '4.01' ? options.find(({ name }) => String(name) === '252') : undefined;

  /** Sends a request, and once more with the Echo option that the server asks for. */
  async function ask(packet: Packet, from: RawPeer = peer): Promise<RawMessage> {
    from.send(packet, listening.port);
    const answer = await next(from);
    const echo = echoOf(answer);
    if (echo === undefined) return answer;
    lastMessageId++;
    const options = [...(packet.options ?? []), echo as never];
    from.send({ ...packet, messageId: lastMessageId, options }, listening.port);
    return next(from);
  }

  const register = { options: [{ name: 'Observe', value: Buffer.alloc(0) }] };

  test('survives any datagrams', async () => {
    const header = fc.tuple(
      fc.constantFrom(0x40, 0x50, 0x41, 0x60, 0x70),
      fc.nat(255),
      fc.nat(255),
      fc.nat(255),
    );
    const likely = fc
      .tuple(header, fc.uint8Array({ maxLength: 40 }))
      .map(([head, tail]) => [...head, ...tail]);
    const bytes = fc.oneof(
      likely,
      fc.uint8Array({ maxLength: 60 }).map((array) => [...array]),
    );
    const noise = await createRawPeer();
    for (let round = 1; round <= 20; round++) {
      // Not more at a time than the system keeps for a socket.
      for (const sample of fc.sample(bytes, 100)) noise.send(Buffer.from(sample), listening.port);
      expect(await ask(get('a'))).toMatchObject({ code: '2.05' });
    }
    expect(deliverer.isReady()).toBe(true);
    noise.close();
  });

  test('gives an endpoint nothing of another one without proof that it receives', async () => {
    const thief = await createRawPeer();
    await ask(get('a', register));
    for (const request of [get('a'), get('a', register)]) {
      thief.send(request, listening.port);
      const answer = await next(thief);
      expect(answer.code).toBe('4.01');
      expect(echoOf(answer)?.value).toHaveLength(14);
    }
    const delivering = deliver({ requestId: 'r' });
    expect((await next()).payload.toString()).toBe('{}');
    expect(await acknowledge('r')).toMatchObject({ code: '2.04' });
    expect(await delivering).toMatchObject({ kind: 'delivered' });
    thief.close();
  });

  test('takes no more registrations than it may, and tells the others when to come back', async () => {
    expect(await ask(get('a', register))).toMatchObject({ code: '2.05' });
    const refused = await ask(get('b', register));
    expect(refused.code).toBe('5.03');
    expect(refused.options).toEqual([{ name: 'Max-Age', value: Buffer.of(60) }]);
    expect(await ask(get('a', register))).toMatchObject({ code: '2.05' });
    expect(await deliver({ deviceId: 'b' })).toMatchObject({ unreachable: true });
  });

  test('forgets the registration of a device that does not acknowledge', async () => {
    await ask(get('a', register));
    const expiresAt = new Date(Date.now() + 300);
    expect(await deliver({ expiresAt })).toMatchObject({
      unreachable: true,
      reason: expect.stringContaining('no answer within'),
    });
    expect(await deliver()).toMatchObject({ unreachable: true, reason: 'the device has not asked yet' });
  });

  const acknowledge = (requestId: string, body = '') => {
    const said = get('a', { code: 'POST', payload: Buffer.from(body) });
    said.options?.push({ name: 'Uri-Path', value: Buffer.from(requestId) });
    return ask(said);
  };

  test.each([
    ['', { kind: 'delivered', evidence: 'device' }],
    ['{"status":"succeeded"}', { kind: 'delivered', evidence: 'device' }],
    ['{"status":"rejected","reason":"not for me"}', { kind: 'rejected', reason: 'not for me' }],
  ])('sends nothing more of a command that is acknowledged after its deadline: %s', async (body, result) => {
    await deliverer.close({ timeoutMs: 0 });
    deliverer = createCoapDeliverer({ listen: listening, timeoutMs: 300 });
    await deliverer.start(fakePort, { timeoutMs });
    let retried: Promise<DeliveryResult> | undefined;
    await ask(get('a', register));
    const late = deliver({ requestId: 'late' });
    await next();
    expect(await late).toMatchObject({ kind: 'retryable', unreachable: true });
    fakePort.onReachable(() => {
      retried ??= deliver({ requestId: 'late' }, { mayBeRepeat: true });
      return true;
    });
    expect(await acknowledge('late', body)).toMatchObject({ code: '2.04' });
    expect(await retried).toEqual(result);
    expect(await deliver({ requestId: 'late' })).toMatchObject({ reason: 'the device has not asked yet' });
  });

  test('sends a command also where its request id was acknowledged before it was ever sent', async () => {
    await ask(get('a', register));
    let sending: Promise<DeliveryResult> | undefined;
    fakePort.onReachable(() => {
      sending ??= deliver({ requestId: 'r' });
      return true;
    });
    const received = [await acknowledge('r', '{"status":"succeeded"}'), await next()];
    expect(received.map(({ code, payload }) => `${code} ${payload}`).sort()).toEqual(['2.04 ', '2.05 {}']);
    expect(await acknowledge('r')).toMatchObject({ code: '2.04' });
    expect(await sending).toEqual({ kind: 'delivered', evidence: 'device' });
  });

  test('turns away a device whose commands another connector has, unless one waits here', async () => {
    fakePort.elsewhere.add('a');
    for (const request of [get('a'), get('a', register)]) {
      const refused = await ask(request);
      expect(refused.code).toBe('5.03');
      expect(refused.options).toEqual([{ name: 'Max-Age', value: Buffer.of(60) }]);
    }
    fakePort.onReachable(() => true);
    expect(await ask(get('a', register))).toMatchObject({ code: '2.05' });
  });

  test('asks whether it may send a command only once its device is there', async () => {
    let asked = 0;
    const maySend = () => {
      asked++;
      return true;
    };
    const command = parseCommand({ deviceId: 'a', commandType: 'set', protocol: 'coap' });
    const { signal } = new AbortController();
    const context = { attempt: 1, mayBeRepeat: false, signal, maySend };
    expect(await deliverer.deliver(command, context)).toMatchObject({
      reason: 'the device has not asked yet',
    });
    expect(asked).toBe(0);
    await ask(get('a', register));
    const delivering = deliverer.deliver(command, context);
    await next();
    expect(asked).toBeGreaterThan(0);
    await acknowledge(command.requestId);
    expect(await delivering).toMatchObject({ kind: 'delivered' });
  });

  test('notifies a device of a command once only, when another connector may serve it', async () => {
    let mayServe = true;
    const command = parseCommand({ deviceId: 'a', commandType: 'set', protocol: 'coap' });
    const { signal } = new AbortController();
    const context = { attempt: 1, mayBeRepeat: false, signal, maySend: () => mayServe };
    await ask(get('a', register));
    const delivering = deliverer.deliver(command, context);
    await next();
    mayServe = false;
    expect(await delivering).toMatchObject({ reason: 'another connector may serve the device' });
    expect(await ask(get('a'))).toMatchObject({ code: '2.05', payload: Buffer.alloc(0) });
  });

  test('has delivered a command before it reports how that ended', async () => {
    const events: string[] = [];
    fakePort.onReport(async () => {
      events.push('reported');
      return { kind: 'kept' };
    });
    await ask(get('a', register));
    const delivering = deliver({ requestId: 'r' }).then(({ kind }) => events.push(kind));
    await next();
    const said = get('a', { code: 'POST', payload: Buffer.from('{"status":"succeeded"}') });
    said.options?.push({ name: 'Uri-Path', value: Buffer.from('r') });
    expect(await ask(said)).toMatchObject({ code: '2.04' });
    await delivering;
    expect(events).toEqual(['delivered', 'reported']);
  });

  test.each<[ReportOutcome, string, number, string]>([
    [{ kind: 'kept' }, '2.04', 0, ''],
    [{ kind: 'refused', reason: 'the device is unknown' }, '4.22', 0, 'the device is unknown'],
    [{ kind: 'later', afterMs: 1_500 }, '5.03', 2, ''],
  ])('answers a report of settings with its outcome: %j', async (outcome, code, maxAge, said) => {
    fakePort.onReport(async () => outcome);
    const paths = ['settings', 'a'].map((text) => ({ name: 'Uri-Path' as const, value: Buffer.from(text) }));
    const request = get('a', { code: 'POST', payload: Buffer.from('{"on":true}') });
    const answer = await ask({ ...request, options: paths });
    expect([answer.code, answer.payload.toString()]).toEqual([code, said]);
    const option = answer.options.find(({ name }) => name === 'Max-Age');
    expect(option?.value).toEqual(maxAge === 0 ? Buffer.alloc(0) : Buffer.of(maxAge));
  });

  test('keeps no more requests open than it may', async () => {
    await ask(get('a'));
    fakePort.onReachable(() => true);
    peer.send(get('a'), listening.port);
    expect(await ask(get('b'))).toMatchObject({ code: '5.03' });
    const delivering = deliver({ requestId: 'r' });
    expect((await next()).options).toContainEqual({ name: 'Location-Path', value: Buffer.from('r') });
    expect(
      await ask(get('a', { options: [{ name: 'Uri-Query', value: Buffer.from('ack=r') }] })),
    ).toMatchObject({ code: '2.05' });
    expect(await delivering).toMatchObject({ kind: 'delivered' });
  });

  test('answers a repeated message as it answered the first', async () => {
    await ask(get('a'));
    fakePort.onReachable(() => true);
    const request = get('a');
    peer.send(request, listening.port);
    peer.send(request, listening.port);
    expect(await ask(get('b'))).toMatchObject({ code: '5.03' });
    void deliver({ requestId: 'r' });
    const first = await next();
    expect(first.messageId).toBe(request.messageId);
    const repeated = await ask(request);
    expect(repeated).toMatchObject({
      messageId: request.messageId,
      code: first.code,
      options: first.options,
    });
  });

  test('ends with a request and a report in flight, and frees the port', async () => {
    await ask(get('a'));
    fakePort.onReachable(() => true);
    fakePort.onReport(() => new Promise(() => {}));
    peer.send(get('a'), listening.port);
    peer.send(
      {
        ...get('a'),
        code: 'POST',
        options: [...(get('a').options ?? []), { name: 'Uri-Path', value: Buffer.from('old') }],
      },
      listening.port,
    );
    expect(await ask(get('b'))).toMatchObject({ code: '5.03' });
    await deliverer.close({ timeoutMs: 0 });
    expect([(await next()).code, (await next()).code].sort()).toEqual(['2.05', '5.03']);
    deliverer = createCoapDeliverer({ listen: listening });
    await deliverer.start(fakePort, { timeoutMs });
    expect(deliverer.isReady()).toBe(true);
  });

  test('says that the port is taken', async () => {
    const second = createCoapDeliverer({ listen: listening });
    await expect(second.start(fakePort, { timeoutMs })).rejects.toThrow(ConfigurationError);
    await expect(second.start(fakePort, { timeoutMs })).rejects.toThrow(
      `cannot take UDP port ${listening.port}`,
    );
    expect(second.isReady()).toBe(false);
  });
});
