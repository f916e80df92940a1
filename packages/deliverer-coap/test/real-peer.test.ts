import { type CommandInput, type CommandMessage, parseCommand } from '@preservarium/core';
import type { Deliverer, DeliveryResult } from '@preservarium/deliverer';
import {
  freeUdpPort,
  type LibcoapServer,
  observeWithLibcoap,
  requestWithLibcoap,
  startLibcoapServer,
} from '@preservarium/dev-services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort, type FakePort } from './coap-fake-port.js';

const timeoutMs = 10_000;
let deliverer: Deliverer;
// Gives up the commands that a test leaves unacknowledged.
afterEach(() => deliverer.close({ timeoutMs: 0 }));

function commandFor(fields: Partial<CommandInput> = {}): CommandMessage {
  return parseCommand({ deviceId: 'device/7', commandType: 'set_led', protocol: 'coap', ...fields });
}

function deliver(command: CommandMessage, mayBeRepeat = false): Promise<DeliveryResult> {
  return deliverer.deliver(command, { attempt: 1, mayBeRepeat, signal: new AbortController().signal });
}

describe('push to a coap-server', () => {
  const onServer: Partial<CommandInput> = { method: 'PUT', path: '/example_data' };
  let server: LibcoapServer;
  beforeEach(async () => {
    server = await startLibcoapServer(['-d', '10']);
    deliverer = createCoapDeliverer({ directory: () => server.url, timeoutMs });
    await deliverer.start(createFakePort(), { timeoutMs });
  });
  afterEach(() => server.stop());

  async function stored(path = '/example_data'): Promise<string> {
    return (await requestWithLibcoap({ url: server.url + path })).payload.toString();
  }

  test.each([true, false])('confirmable %s: it has the payload', async (confirmable) => {
    const payload = { state: 'on', text: 'ü' };
    const result = await deliver(commandFor({ ...onServer, payload, confirmable }));
    expect(result).toEqual({ kind: 'delivered', evidence: 'device' });
    expect(JSON.parse(await stored())).toEqual(payload);
  });

  test.each([1_009, 1_025, 3_000, 60_000])('a payload of %i bytes arrives whole', async (bytes) => {
    const raw = Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvwxyz').toString('hex');
    expect(await deliver(commandFor({ ...onServer, payload: { raw } }))).toMatchObject({ kind: 'delivered' });
    expect(await stored()).toBe(Buffer.from(raw, 'hex').toString());
  });

  test('the answer is the result: JSON where it can be read as JSON, else text', async () => {
    const payload = { level: 3 };
    await deliver(commandFor({ ...onServer, path: '/a%20b/c', payload }));
    const read = { method: 'GET' } as const;
    expect(await deliver(commandFor({ ...read, path: '/a%20b/c' }))).toEqual({
      kind: 'delivered',
      evidence: 'device',
      result: payload,
    });
    const result = await deliver(commandFor({ ...read, path: '/time?ticks' }));
    expect(result).toMatchObject({ kind: 'delivered', result: expect.any(Number) });
    const text = await deliver(commandFor({ ...read, path: '/' }));
    expect(text).toMatchObject({ kind: 'delivered', result: expect.stringContaining('libcoap') });
  });

  test('a large answer, in blocks, is put together', async () => {
    const raw = Buffer.from('x'.repeat(5_000)).toString('hex');
    await deliver(commandFor({ ...onServer, payload: { raw } }));
    const result = await deliver(commandFor({ path: '/example_data', method: 'GET' }));
    expect(result).toMatchObject({ kind: 'delivered', result: 'x'.repeat(5_000) });
  });

  test('an answer that comes apart from the acknowledgement counts', async () => {
    const result = await deliver(commandFor({ path: '/async?1', method: 'GET' }));
    expect(result).toMatchObject({ kind: 'delivered', evidence: 'device' });
  });

  test('what it does not have or does not allow is rejected', async () => {
    expect(await deliver(commandFor({ path: '/missing', method: 'GET' }))).toEqual({
      kind: 'rejected',
      reason: 'the device answered 4.04: Not Found',
    });
    expect(await deliver(commandFor({ path: '/time', method: 'POST' }))).toMatchObject({ kind: 'rejected' });
  });

  test('a host with nothing at the port is unreachable, and is found out before the deadline', async () => {
    await server.stop();
    expect(await deliver(commandFor(onServer))).toEqual({
      kind: 'retryable',
      reason: expect.stringContaining('ECONNREFUSED'),
      unreachable: true,
    });
  });

  test('a silent device is unreachable as soon as its command expires', async () => {
    server.freeze();
    const expiresAt = new Date(Date.now() + 300);
    const result = await deliver(commandFor({ ...onServer, expiresAt }));
    expect(result).toMatchObject({ kind: 'retryable', unreachable: true });
  });
});

describe('answers to a coap-client that polls', () => {
  let port: FakePort;
  let url: string;
  let commandUrl: string;
  beforeEach(async () => {
    port = createFakePort();
    const listening = { host: '127.0.0.1', port: await freeUdpPort() };
    url = `coap://${listening.host}:${listening.port}`;
    commandUrl = `${url}/commands/device%2F7`;
    deliverer = createCoapDeliverer({ listen: listening, timeoutMs });
    await deliverer.start(port, { timeoutMs });
  });

  /** Delivers commands one after another whenever the device is reachable; returns the result of each. */
  function wait(...commands: CommandMessage[]): Promise<DeliveryResult>[] {
    const results = commands.map(() => Promise.withResolvers<DeliveryResult>());
    let next = 0;
    let isServed = false;

    async function serve(): Promise<void> {
      isServed = true;
      for (let command = commands[next]; command !== undefined; command = commands[next]) {
        const result = await deliver(command);
        if (result.kind === 'retryable') break;
        results[next++]?.resolve(result);
      }
      isServed = false;
    }

    port.onReachable((deviceId) => {
      if (deviceId !== 'device/7' || next === commands.length) return false;
      if (!isServed) setImmediate(serve);
      return true;
    });
    return results.map(({ promise }) => promise);
  }

  test('a device that has not asked is unreachable at once', async () => {
    expect(await deliver(commandFor())).toMatchObject({ kind: 'retryable', unreachable: true });
  });

  test('nothing waits: the answer is empty and names no place to acknowledge', async () => {
    const answer = await requestWithLibcoap({ url: commandUrl });
    expect(answer).toMatchObject({ code: '2.05', options: ['Max-Age:0'], payload: Buffer.alloc(0) });
  });

  test.each([true, false])(
    'confirmable %s: GET gives the command, POST acknowledges it',
    async (confirmable) => {
      const [delivered] = wait(commandFor({ requestId: 'r-1', payload: { state: 'on' } }));
      const answer = await requestWithLibcoap({ url: commandUrl, confirmable });
      expect(answer.code).toBe('2.05');
      expect(answer.options).toEqual(
        expect.arrayContaining([
          'Location-Path:commands',
          'Location-Path:device/7',
          'Location-Path:r-1',
          'Location-Query:type=set_led',
          'Content-Format:application/json',
        ]),
      );
      expect(answer.options).not.toContain('Location-Query:repeat');
      expect(JSON.parse(answer.payload.toString())).toEqual({ state: 'on' });

      const said = await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post', confirmable });
      expect(said.code).toBe('2.04');
      expect(await delivered).toEqual({ kind: 'delivered', evidence: 'device' });
      expect(port.reports).toEqual([]);
    },
  );

  test('until it acknowledges, it is given the same command, marked as a repeat', async () => {
    const [delivered] = wait(commandFor({ requestId: 'r-1' }));
    await requestWithLibcoap({ url: commandUrl });
    const again = await requestWithLibcoap({ url: commandUrl });
    expect(again.options).toEqual(expect.arrayContaining(['Location-Path:r-1', 'Location-Query:repeat']));
    await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post' });
    expect(await delivered).toMatchObject({ kind: 'delivered' });
  });

  test('the next GET acknowledges with ack, and gives the next command', async () => {
    const [first, second] = wait(commandFor({ requestId: 'r-1' }), commandFor({ requestId: 'r-2' }));
    await requestWithLibcoap({ url: commandUrl });
    const next = await requestWithLibcoap({ url: `${commandUrl}?ack=r-1` });
    expect(next.options).toContain('Location-Path:r-2');
    expect(await first).toMatchObject({ kind: 'delivered' });
    const none = await requestWithLibcoap({ url: `${commandUrl}?ack=r-2` });
    expect(none.payload).toHaveLength(0);
    expect(await second).toMatchObject({ kind: 'delivered' });
    await requestWithLibcoap({ url: `${commandUrl}?ack=r-2` });
    expect(port.reports).toEqual([]);
  });

  test('a command comes with the answer to telemetry', async () => {
    wait(commandFor({ requestId: 'r-1', payload: { raw: '48692100ff' } }));
    const telemetry = { url: `${url}/telemetry/device%2F7`, method: 'post', payload: '{"t":21.5}' } as const;
    const answer = await requestWithLibcoap(telemetry);
    expect(answer.code).toBe('2.04');
    expect(answer.options).toEqual(
      expect.arrayContaining(['Location-Path:r-1', 'Content-Format:application/octet-stream']),
    );
    expect(answer.payload.toString('hex')).toBe('48692100ff');
    await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post' });
    expect((await requestWithLibcoap(telemetry)).code).toBe('2.04');
  });

  test('reported settings reach the port, and a report that is no JSON object is refused', async () => {
    const settings = { url: `${url}/settings/device%2F7`, method: 'post' } as const;
    expect((await requestWithLibcoap({ ...settings, payload: '[1]' })).code).toBe('4.00');
    expect((await requestWithLibcoap({ ...settings, payload: 'x'.repeat(1_600) })).code).toBe('4.13');
    expect((await requestWithLibcoap({ ...settings, payload: '{"a":1}' })).code).toBe('2.04');
    expect(port.settingsReports).toEqual([{ deviceId: 'device/7', patch: { a: 1 } }]);
  });

  test('a large command comes in blocks with the answer to telemetry', async () => {
    wait(commandFor({ requestId: 'r-1', payload: { text: 'x'.repeat(3_000) } }));
    const answer = await requestWithLibcoap({ url: `${url}/telemetry/device%2F7`, method: 'post' });
    expect(JSON.parse(answer.payload.toString())).toEqual({ text: 'x'.repeat(3_000) });
  });

  test('a large command comes in blocks to an observer', async () => {
    await using observation = observeWithLibcoap({ url: commandUrl });
    await observation.messages.next();
    const delivering = deliver(commandFor({ requestId: 'r-1', payload: { text: 'x'.repeat(1_200) } }));
    for (const block of ['Block2:0/M/512', 'Block2:1/M/512', 'Block2:2/_/512']) {
      expect((await observation.messages.next()).value?.options).toContain(block);
    }
    await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post' });
    expect(await delivering).toMatchObject({ kind: 'delivered' });
  });

  test.each([512, 64])('a large command comes in blocks of %i bytes', async (bytes) => {
    wait(commandFor({ requestId: 'r-1', payload: { text: 'x'.repeat(3_000) } }));
    const answer = await requestWithLibcoap({ url: commandUrl, arguments: ['-b', String(bytes)] });
    expect(JSON.parse(answer.payload.toString())).toEqual({ text: 'x'.repeat(3_000) });
  });

  test('an acknowledgement can say how the command ended', async () => {
    const results = wait(...['r-1', 'r-2', 'r-3'].map((requestId) => commandFor({ requestId })));
    const bodies = [
      { status: 'succeeded', result: { level: 3 } },
      { status: 'failed', reason: 'no power' },
      { status: 'rejected', reason: 'not for me' },
    ];
    for (const [index, body] of bodies.entries()) {
      await requestWithLibcoap({ url: commandUrl });
      const payload = JSON.stringify(body);
      const said = await requestWithLibcoap({
        url: `${commandUrl}/r-${index + 1}`,
        method: 'post',
        payload: encodeURIComponent(payload),
      });
      expect(said.code).toBe('2.04');
    }
    expect(await Promise.all(results)).toEqual([
      { kind: 'delivered', evidence: 'device' },
      { kind: 'delivered', evidence: 'device' },
      { kind: 'rejected', reason: 'not for me' },
    ]);
    expect(port.reports).toEqual([
      { deviceId: 'device/7', requestId: 'r-1', state: 'succeeded', result: { level: 3 } },
      { deviceId: 'device/7', requestId: 'r-2', state: 'failed', reason: 'no power' },
    ]);
  });

  test('an acknowledgement of a command that is not in flight is reported', async () => {
    await requestWithLibcoap({ url: `${commandUrl}/old`, method: 'post' });
    expect(port.reports).toEqual([{ deviceId: 'device/7', requestId: 'old', state: 'delivered' }]);
  });

  test('a device acknowledges its own commands only', async () => {
    const [delivered] = wait(commandFor({ requestId: 'r-1' }));
    await requestWithLibcoap({ url: commandUrl });
    await requestWithLibcoap({ url: `${url}/commands/other/r-1`, method: 'post' });
    expect(port.reports).toEqual([{ deviceId: 'other', requestId: 'r-1', state: 'delivered' }]);
    await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post' });
    expect(await delivered).toMatchObject({ kind: 'delivered' });
  });

  test.each([true, false])('confirmable %s: an observer is sent each command', async (confirmable) => {
    await using observation = observeWithLibcoap({ url: commandUrl, confirmable });
    const { messages } = observation;
    expect((await messages.next()).value).toMatchObject({ code: '2.05', payload: '' });
    for (const number of [1, 2, 3]) {
      const command = commandFor({ requestId: `r-${number}`, payload: { number } });
      const delivering = deliver(command);
      const { value } = await messages.next();
      expect(value?.type).toBe('NON');
      expect(value?.options).toContain(`Location-Path:r-${number}`);
      expect(value?.payload).toBe(JSON.stringify({ number }));
      await requestWithLibcoap({ url: `${commandUrl}/r-${number}`, method: 'post' });
      expect(await delivering).toEqual({ kind: 'delivered', evidence: 'device' });
    }
  });

  test('an observer is sent what waited when it registered, and again until it acknowledges', async () => {
    const [delivered] = wait(commandFor({ requestId: 'r-1' }));
    await using observation = observeWithLibcoap({ url: commandUrl });
    const { messages } = observation;
    expect((await messages.next()).value?.options).not.toContain('Location-Path:r-1');
    expect((await messages.next()).value?.options).toContain('Location-Path:r-1');
    expect((await messages.next()).value?.options).toContain('Location-Query:repeat');
    await requestWithLibcoap({ url: `${commandUrl}/r-1`, method: 'post' });
    expect(await delivered).toMatchObject({ kind: 'delivered' });
  });

  test('an observer that deregisters is sent nothing more', async () => {
    await using observation = observeWithLibcoap({ url: commandUrl }, { seconds: 1 });
    for await (const message of observation.messages)
      expect(message.options).not.toContain('Location-Path:r-1');
    expect(await deliver(commandFor({ requestId: 'r-1' }))).toMatchObject({ unreachable: true });
  });

  test.each([
    ['get', '/'],
    ['get', '/commands'],
    ['post', '/commands/device%2F7'],
    ['get', '/telemetry/device%2F7'],
    ['get', '/commands/a/b'],
    ['post', '/commands/a/b/c'],
    ['get', '/.well-known/core'],
  ] as const)('%s %s is not found, and the next is answered', async (method, path) => {
    expect(await requestWithLibcoap({ url: url + path, method })).toMatchObject({ code: '4.04' });
    expect(await requestWithLibcoap({ url: commandUrl })).toMatchObject({ code: '2.05' });
  });

  test.each([
    [{ method: 'put' as const }, '4.05'],
    [{ method: 'post' as const, payload: 'x'.repeat(3_000) }, '4.13'],
    [{ method: 'post' as const, payload: 'no JSON' }, '4.00'],
    [{ method: 'post' as const, payload: '{"status":"on"}' }, '4.00'],
  ])('%o is refused with %s', async (request, code) => {
    expect(await requestWithLibcoap({ url: `${commandUrl}/r-1`, ...request })).toMatchObject({ code });
    expect(port.reports).toEqual([]);
  });
});
