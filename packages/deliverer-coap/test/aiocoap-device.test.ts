import { networkInterfaces } from 'node:os';
import { type CommandInput, type CommandMessage, parseCommand } from '@preservarium/core';
import type { Deliverer, DeliveryResult, DeviceDirectory } from '@preservarium/deliverer';
import { type AiocoapServer, startAiocoapServer } from '@preservarium/dev-services';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort } from './coap-fake-port.js';

const timeoutMs = 10_000;
let device: AiocoapServer;
let deliverer: Deliverer | undefined;
beforeAll(async () => {
  device = await startAiocoapServer();
}, 600_000);
afterAll(() => device?.stop());
afterEach(async () => {
  await deliverer?.close({ timeoutMs: 0 });
  deliverer = undefined;
});

function deliver(fields: Partial<CommandInput>, directory?: DeviceDirectory): Promise<DeliveryResult> {
  const common = { deviceId: 'lamp-7', commandType: 'set', protocol: 'coap' } as const;
  return deliverCommand(parseCommand({ ...common, ...fields }), directory);
}

async function deliverCommand(
  command: CommandMessage,
  directory: DeviceDirectory = () => device.url,
): Promise<DeliveryResult> {
  await deliverer?.close({ timeoutMs: 0 });
  deliverer = createCoapDeliverer({ directory, timeoutMs });
  await deliverer.start(createFakePort(), { timeoutMs });
  await device.takeReceived();
  return deliverer.deliver(command, { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal });
}

/** Requests since the last delivery began. */
const received = () => device.takeReceived();
const delivered = { kind: 'delivered', evidence: 'device' };
const text = (bytes: number) => 'abcdefghijklmnop'.repeat(bytes / 16);
const hex = (bytes: number) => Buffer.from(text(bytes)).toString('hex');

describe('a device on aiocoap', () => {
  test.each(['PUT', 'POST', 'PATCH', 'IPATCH'] as const)(
    'takes a command by %s and answers',
    async (method) => {
      for (const confirmable of [true, false]) {
        const payload = { state: 'on', text: 'ü' };
        expect(await deliver({ method, path: '/store/a%20b?x=1', payload, confirmable })).toEqual(delivered);
        const [request, ...others] = await received();
        expect(others).toEqual([]);
        expect(request).toMatchObject({
          path: '/store/a b',
          query: ['x=1'],
          contentFormat: 50,
          accept: null,
        });
        expect(request?.method.toUpperCase()).toBe(method);
        expect(JSON.parse(Buffer.from(String(request?.payload), 'hex').toString())).toEqual(payload);
      }
    },
  );

  test.each([1_009, 1_024, 1_025, 3_000, 60_000])('takes %i bytes whole', async (bytes) => {
    const raw = Buffer.alloc(bytes, 'abcdefghijklmnopqrstuvwxyz').toString('hex');
    for (const path of ['/store/large', '/late/large']) {
      expect(await deliver({ method: 'PUT', path, payload: { raw } })).toEqual(delivered);
      expect(await received()).toMatchObject([{ payload: raw, contentFormat: 42 }]);
    }
  });

  test.each(['/store', '/late'])('answers in blocks at %s', async (behaviour) => {
    await deliver({ method: 'PUT', path: '/store/answer', payload: { raw: hex(16_000) } });
    const answer = { ...delivered, result: text(16_000) };
    expect(await deliver({ method: 'GET', path: `${behaviour}/answer` })).toEqual(answer);
    for (const bytes of [16, 3_008]) {
      const payload = { raw: hex(bytes) };
      expect(await deliver({ method: 'FETCH', path: `${behaviour}/answer`, payload })).toEqual(answer);
      expect(await received()).toMatchObject([{ method: 'FETCH', payload: hex(bytes) }]);
    }
  });

  test('answers apart from its acknowledgement', async () => {
    for (const confirmable of [true, false]) {
      const payload = { confirmable };
      expect(await deliver({ method: 'PUT', path: '/late/a', payload, confirmable })).toEqual(delivered);
      const result = await deliver({ method: 'GET', path: '/late/a', confirmable });
      expect(result).toEqual({ ...delivered, result: payload });
      expect(await received()).toHaveLength(1);
    }
  });

  test.each([
    ['/shrink/a', 1],
    ['/brief/a', 2],
  ])('is sent smaller blocks where it asks for them: %s', async (path, requests) => {
    for (const bytes of [1_040, 3_008]) {
      const payload = { raw: hex(bytes) };
      expect(await deliver({ method: 'PUT', path, payload })).toEqual(delivered);
      const all = await received();
      expect(all).toHaveLength(requests);
      expect(all.at(-1)).toMatchObject({ payload: hex(bytes), contentFormat: 42 });
    }
  });

  test.each(['4.00', '4.01', '4.03', '4.13', '5.03'])('is sent no block after its %s', async (code) => {
    for (const block of ['', '?block1=6', '?block1=0']) {
      const result = await deliver({ path: `/answer/${code}${block}`, payload: { raw: hex(3_008) } });
      expect(result).toMatchObject({ reason: `the device answered ${code}` });
      // The answer 4.13 with a smaller size asks for smaller blocks, once.
      expect(await received()).toHaveLength(code === '4.13' && block === '?block1=0' ? 2 : 1);
    }
  });

  test('removes by DELETE, and has nothing afterwards', async () => {
    await deliver({ method: 'PUT', path: '/store/gone', payload: { raw: '01' } });
    expect(await deliver({ method: 'DELETE', path: '/store/gone' })).toEqual(delivered);
    expect(await received()).toMatchObject([{ method: 'DELETE', payload: '' }]);
    expect(await deliver({ method: 'GET', path: '/store/gone' })).toEqual({
      kind: 'rejected',
      reason: 'the device answered 4.04: nothing is kept here',
    });
  });

  test('is unreachable while it is silent, and has the command afterwards', async () => {
    const expiresAt = new Date(Date.now() + 300);
    const result = await deliver({ method: 'PUT', path: '/store/silent', expiresAt }, () => {
      device.freeze();
      return device.url;
    });
    device.thaw();
    expect(result).toMatchObject({ kind: 'retryable', unreachable: true });
    expect(await deliver({ method: 'PUT', path: '/store/silent', payload: { a: 1 } })).toEqual(delivered);
  });
});

describe('a payload that the method cannot carry', () => {
  test.each([
    ['DELETE', { a: 1 }],
    ['DELETE', { raw: '01' }],
    ['DELETE', { $value: 'ON' }],
    ['DELETE', { $bytes: '01' }],
    ['GET', { a: 1 }],
    ['GET', { $value: 0 }],
  ] as const)('%s with %j never reaches the device', async (method, payload) => {
    // As a producer other than ours may have written it: ours refuse it when it is pushed.
    const plain = parseCommand({
      deviceId: 'lamp-7',
      commandType: 'set',
      protocol: 'coap',
      path: '/store/a',
    });
    const result = await deliverCommand({ ...plain, method, payload });
    expect(result).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining(`${method} carries no payload`),
    });
    expect(await received()).toEqual([]);
  });
});

describe('4.01 with an Echo option', () => {
  test.each([
    ['PUT', '/fresh/a', 16, true],
    ['POST', '/fresh/a', 16, false],
    ['PATCH', '/whole/a', 16, true],
    ['IPATCH', '/fresh/a', 1_040, true],
    ['PUT', '/fresh/a', 5_008, true],
    ['POST', '/whole/a', 5_008, true],
  ] as const)(
    '%s %s with %i bytes, confirmable %s, is repeated once',
    async (method, path, bytes, confirmable) => {
      const payload = { raw: hex(bytes) };
      expect(await deliver({ method, path, payload, confirmable })).toEqual(delivered);
      const [asked, ...repeated] = await received();
      expect(asked?.hasEcho).toBe(false);
      expect(repeated).toMatchObject([{ path, payload: hex(bytes), contentFormat: 42, hasEcho: true }]);
    },
  );

  test.each(['/fresh', '/whole'])('GET and DELETE at %s are repeated once', async (behaviour) => {
    const payload = { raw: hex(3_008) };
    await deliver({ method: 'PUT', path: '/store/b', payload });
    expect(await deliver({ method: 'GET', path: `${behaviour}/b` })).toEqual({
      ...delivered,
      result: text(3_008),
    });
    expect(await received()).toMatchObject([{ hasEcho: false }, { hasEcho: true }]);
    expect(await deliver({ method: 'DELETE', path: `${behaviour}/b` })).toEqual(delivered);
    expect(await received()).toMatchObject([{ hasEcho: false }, { hasEcho: true }]);
  });

  test.each([16, 3_008])('again and again is rejected after the second, with %i bytes', async (bytes) => {
    const result = await deliver({ method: 'PUT', path: '/stale/a', payload: { raw: hex(bytes) } });
    expect(result).toEqual({ kind: 'rejected', reason: 'the device answered 4.01' });
    expect((await received()).map(({ hasEcho }) => hasEcho)).toEqual([false, true]);
  });

  test('4.01 without it is rejected at once', async () => {
    const result = await deliver({ path: '/answer/4.01?text=who%20are%20you' });
    expect(result).toEqual({ kind: 'rejected', reason: 'the device answered 4.01: who are you' });
    expect(await received()).toHaveLength(1);
  });
});

describe('its answers', () => {
  test.each([
    ['2.01', '', delivered],
    ['2.04', 'text=OK&format=0', { ...delivered, result: 'OK' }],
    ['2.05', 'text={"level":3}&format=50', { ...delivered, result: { level: 3 } }],
    ['2.05', 'text={"level":3}', { ...delivered, result: { level: 3 } }],
    ['2.05', 'text=21.50&format=0', { ...delivered, result: 21.5 }],
    ['2.05', 'text=1a&format=60', { ...delivered, result: '1a' }],
    ['4.00', 'text=bad level', { kind: 'rejected', reason: 'the device answered 4.00: bad level' }],
    ['4.03', '', { kind: 'rejected', reason: 'the device answered 4.03' }],
    ['4.05', '', { kind: 'rejected', reason: 'the device answered 4.05' }],
    ['4.15', 'text=no JSON', { kind: 'rejected', reason: 'the device answered 4.15: no JSON' }],
    ['4.22', 'text=ü', { kind: 'rejected', reason: 'the device answered 4.22: ü' }],
    ['4.29', 'max-age=7', { reason: 'the device answered 4.29', afterMs: 7_000 }],
    ['5.00', 'text=on fire', { reason: 'the device answered 5.00: on fire' }],
    ['5.03', 'max-age=30&text=updating', { reason: 'the device answered 5.03: updating', afterMs: 30_000 }],
    ['5.03', 'max-age=4294967295', { reason: 'the device answered 5.03', afterMs: 86_400_000 }],
    ['5.04', 'max-age=30', { reason: 'the device answered 5.04' }],
  ])('%s %s', async (code, query, result) => {
    const expected = 'kind' in result ? result : { kind: 'retryable', unreachable: false, ...result };
    const path = `/answer/${code}?${query.split('&').map(encodeURIComponent).join('&')}`;
    expect(await deliver({ path, payload: { a: 1 } })).toEqual(expected);
    expect(await received()).toHaveLength(1);
  });
});

describe('its addresses', () => {
  /** Every IPv6 address of this machine, those of one link with their zone, as RFC 6874 writes it. */
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, all = []]) =>
    all
      .filter(({ family }) => family === 'IPv6')
      .map(({ address }) => (address.startsWith('fe80:') ? `${address}%25${name}` : address)),
  );

  test.each([...new Set([...addresses, '::1', '::1%25lo', '::ffff:127.0.0.1'])])('[%s]', async (address) => {
    const base = () => `coap://[${address}]:${device.port}/store`;
    expect(await deliver({ method: 'PUT', path: '/six', payload: { raw: hex(3_008) } }, base)).toEqual(
      delivered,
    );
    const result = await deliver({ method: 'GET', path: '/six' }, base);
    expect(result).toEqual({ ...delivered, result: text(3_008) });
  });

  test('a zone that this machine does not have is no address of the device', async () => {
    const result = await deliver({}, () => `coap://[fe80::1%25nowhere0]:${device.port}`);
    expect(result).toMatchObject({ kind: 'retryable', unreachable: true });
  });

  test.each(['[ff02::fd%25lo]', '[ff01::1]', '[ff05::fd]', '224.0.1.187', '[::ffff:224.0.1.187]'])(
    'the group %s is refused',
    async (group) => {
      const result = await deliver({ payload: { a: 1 } }, () => `coap://${group}:${device.port}/store/a`);
      expect(result).toEqual({ kind: 'rejected', reason: expect.stringContaining('is a multicast address') });
      expect(await received()).toEqual([]);
    },
  );
});
