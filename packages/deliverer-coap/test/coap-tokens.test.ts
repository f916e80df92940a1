import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommand } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { freeUdpPort } from '@preservarium/dev-services';
import type { Packet } from 'coap-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCoapDeliverer, tokensFromFile } from '../src/index.js';
import { createFakePort, type FakePort } from './coap-fake-port.js';
import { createRawPeer, type RawMessage, type RawPeer } from './coap-raw-peer.js';

const timeoutMs = 10_000;
const tokenOfA = 'a-token-of-device-a';
const tokenOfB = 'a-token-of-device-b';
const file = join(mkdtempSync(join(tmpdir(), 'coap-tokens-')), 'tokens.yaml');
let port: number;
let deliverer: Deliverer;
let fakePort: FakePort;
let device: RawPeer;
let thief: RawPeer;
beforeEach(async () => {
  port = await freeUdpPort();
  fakePort = createFakePort();
  writeFileSync(file, `a: ${tokenOfA}\nb: [${tokenOfB}, another-token-of-b]\n`);
  deliverer = createCoapDeliverer({ listen: { host: '127.0.0.1', port, tokens: tokensFromFile(file) } });
  await deliverer.start(fakePort, { timeoutMs });
  device = await createRawPeer();
  thief = await createRawPeer();
});
afterEach(async () => {
  await deliverer.close({ timeoutMs: 0 });
  device.close();
  thief.close();
});

type Options = NonNullable<Packet['options']>;
const option = (name: string, value: string | Buffer) => ({ name, value: Buffer.from(value) }) as Options[0];
const path = (...levels: readonly string[]) => levels.map((level) => option('Uri-Path', level));
const withToken = (token: string) => [option('Uri-Query', `token=${token}`)];
const observe = [option('Observe', '')];

let messageId = 0;
/** Sends a request, and once more with the Echo option that the server asks for. */
async function ask(from: RawPeer, code: string, options: Options, payload = ''): Promise<RawMessage> {
  async function send(more: Options): Promise<RawMessage> {
    messageId += 1;
    const packet = {
      code,
      confirmable: true,
      messageId,
      token: Buffer.of(messageId),
      payload: Buffer.from(payload),
    };
    from.send({ ...packet, options: [...options, ...more] }, port);
    const { value } = await from.received.next();
    if (value === undefined) throw new Error('the peer was closed');
    return value;
  }
  const first = await send([]);
  const echo = first.options.find(({ name }) => String(name) === '252');
  return echo === undefined ? first : send([echo as Options[0]]);
}

const deliver = (requestId: string) =>
  deliverer.deliver(parseCommand({ deviceId: 'a', commandType: 'set', protocol: 'coap', requestId }), {
    attempt: 1,
    mayBeRepeat: false,
    signal: new AbortController().signal,
  });

test('a device that sends its token is served', async () => {
  expect(
    await ask(device, 'GET', [...path('commands', 'a'), ...observe, ...withToken(tokenOfA)]),
  ).toMatchObject({
    code: '2.05',
  });
  const delivering = deliver('r');
  expect((await device.received.next()).value?.payload.toString()).toBe('{}');
  const acknowledgement = [...path('commands', 'a', 'r'), ...withToken(tokenOfA)];
  expect(await ask(device, 'POST', acknowledgement)).toMatchObject({ code: '2.04' });
  expect(await delivering).toMatchObject({ kind: 'delivered' });
});

test.each([
  ['none', []],
  ['an empty one', withToken('')],
  ['that of another device', withToken(tokenOfB)],
  ['a part of it', withToken(tokenOfA.slice(0, -1))],
])('another endpoint with %s is refused whatever it asks', async (_, token) => {
  await ask(device, 'GET', [...path('commands', 'a'), ...observe, ...withToken(tokenOfA)]);
  const delivering = deliver('r');
  await device.received.next();
  const requests: readonly (readonly [string, Options, string])[] = [
    ['GET', path('commands', 'a'), ''],
    ['GET', [...path('commands', 'a'), ...observe], ''],
    ['GET', [...path('commands', 'a'), option('Observe', Buffer.of(1))], ''],
    ['GET', [...path('commands', 'a'), option('Block2', Buffer.of(0x16))], ''],
    ['POST', path('commands', 'a', 'r'), '{"status":"succeeded"}'],
    ['POST', path('settings', 'a'), '{"on":true}'],
    ['POST', path('telemetry', 'a'), ''],
    ['GET', path('commands', 'unknown'), ''],
  ];
  for (const [code, options, payload] of requests) {
    const answer = await ask(thief, code, [...options, ...token], payload);
    expect([answer.code, answer.payload.toString()], JSON.stringify(options)).toEqual(['4.01', '']);
  }
  expect(fakePort.settingsReports).toEqual([]);
  const acknowledgement = [...path('commands', 'a', 'r'), ...withToken(tokenOfA)];
  expect(await ask(device, 'POST', acknowledgement)).toMatchObject({ code: '2.04' });
  expect(await delivering).toEqual({ kind: 'delivered', evidence: 'device' });
});

test.each(['a: short', 'a: []', 'a: {b: c}', `a: [${tokenOfA}, "with space in it"]`])(
  'a file with %s is refused, and the token is not named',
  (content) => {
    writeFileSync(file, content);
    expect(() => tokensFromFile(file)).toThrow(
      /tokens file .*: device "a": a token is not 16 to 128 letters/,
    );
    expect(() => tokensFromFile(file)).not.toThrow(tokenOfA);
  },
);
