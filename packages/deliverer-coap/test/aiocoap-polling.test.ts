import { type CommandInput, type CommandMessage, parseCommand } from '@preservarium/core';
import type { Deliverer, DeliveryResult } from '@preservarium/deliverer';
import { type AiocoapClient, freeUdpPort, startAiocoapClient } from '@preservarium/dev-services';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort, type FakePort } from './coap-fake-port.js';

const timeoutMs = 10_000;
const token = 'q3vW0c8mT5zR1yKd';
let device: AiocoapClient;
let deliverer: Deliverer;
let port: FakePort;
beforeAll(async () => {
  device = await startAiocoapClient();
}, 600_000);
afterAll(() => device?.stop());
afterEach(() => deliverer.close({ timeoutMs: 0 }));

/** Listens for devices, and returns the addresses at which they find it. */
async function listen(host: string, further: { maxDevices?: number; tokens?: () => string[] } = {}) {
  const listening = { host, port: await freeUdpPort(), ...further };
  port = createFakePort();
  deliverer = createCoapDeliverer({ listen: listening, timeoutMs });
  await deliverer.start(port, { timeoutMs });
  const named = host === '0.0.0.0' ? '127.0.0.1' : '[::1]';
  const url = `coap://${named}:${listening.port}`;
  return { url, commandUrl: `${url}/commands/device%2F7`, settingsUrl: `${url}/settings/device%2F7` };
}

function commandFor(requestId: string, fields: Partial<CommandInput> = {}): CommandMessage {
  return parseCommand({ requestId, deviceId: 'device/7', commandType: 'set', protocol: 'coap', ...fields });
}

function deliver(command: CommandMessage, mayBeRepeat = false): Promise<DeliveryResult> {
  return deliverer.deliver(command, { attempt: 1, mayBeRepeat, signal: new AbortController().signal });
}

/** Delivers the command as soon as its device asks. */
function whenAsked(command: CommandMessage, mayBeRepeat = false): Promise<DeliveryResult> {
  const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
  port.onReachable(() => {
    port.onReachable(() => false);
    setImmediate(() => resolve(deliver(command, mayBeRepeat)));
    return true;
  });
  return promise;
}

const delivered = { kind: 'delivered', evidence: 'device' };
const nothing = { code: '2.05', maxAge: 0, locationPath: [], payload: Buffer.alloc(0) };

describe.each(['0.0.0.0', '::'])('a device on aiocoap that polls %s', (host) => {
  test.each([true, false])(
    'confirmable %s: GET gives the command, POST acknowledges it',
    async (confirmable) => {
      const { commandUrl } = await listen(host);
      expect(await device.request({ url: commandUrl, confirmable })).toMatchObject(nothing);
      const delivering = whenAsked(commandFor('r-1', { payload: { state: 'on' } }));
      const answer = await device.request({ url: commandUrl, confirmable });
      expect(answer).toMatchObject({
        code: '2.05',
        locationPath: ['commands', 'device/7', 'r-1'],
        locationQuery: ['type=set'],
        contentFormat: 50,
        maxAge: 0,
      });
      expect(JSON.parse(answer.payload.toString())).toEqual({ state: 'on' });
      const said = await device.request({ url: `${commandUrl}/r-1`, method: 'POST', confirmable });
      expect(said).toMatchObject({ code: '2.04' });
      expect(await delivering).toEqual(delivered);
      expect(port.reports).toEqual([]);
    },
  );

  test.each([513, 3_000, 20_000])(
    'a command of %i bytes comes in blocks, and is one that may be a repeat',
    async (bytes) => {
      const { commandUrl } = await listen(host);
      const raw = Buffer.alloc(bytes, 'abcdefg').toString('hex');
      const delivering = whenAsked(commandFor('r-1', { payload: { raw } }), true);
      const answer = await device.request({ url: commandUrl });
      expect(answer).toMatchObject({ contentFormat: 42, locationQuery: ['type=set', 'repeat'] });
      expect(answer.payload.toString('hex')).toBe(raw);
      await device.request({ url: `${commandUrl}?ack=r-1` });
      expect(await delivering).toEqual(delivered);
    },
  );

  test('a command comes with the answer to telemetry, which may be any JSON or bytes', async () => {
    const { url, commandUrl } = await listen(host);
    const telemetry = { url: `${url}/telemetry/device%2F7`, method: 'POST', payload: '{"t":21.50}' } as const;
    expect(await device.request(telemetry)).toMatchObject({ ...nothing, code: '2.04' });
    for (const [number, [payload, contentFormat, text]] of telemetryCommands.entries()) {
      const delivering = whenAsked(commandFor(`r-${number}`, { payload }));
      expect(await device.request(telemetry)).toMatchObject({ contentFormat, payload: Buffer.from(text) });
      await device.request({ url: `${commandUrl}/r-${number}`, method: 'POST' });
      expect(await delivering).toEqual(delivered);
    }
  });

  test.each([true, false])(
    'confirmable %s: an observer is notified of each command, in blocks where it is large',
    async (confirmable) => {
      const { commandUrl } = await listen(host);
      const notifications = device.observe({ url: commandUrl, confirmable });
      expect((await notifications.next()).value).toMatchObject(nothing);
      for (const [number, bytes] of [16, 4_000, 100].entries()) {
        const raw = Buffer.alloc(bytes, 'abcdefg').toString('hex');
        const delivering = deliver(commandFor(`r-${number}`, { payload: { raw } }));
        const { value } = await notifications.next();
        expect(value).toMatchObject({ locationPath: ['commands', 'device/7', `r-${number}`] });
        expect(value?.payload.toString('hex')).toBe(raw);
        await device.request({ url: `${commandUrl}/r-${number}`, method: 'POST', confirmable });
        expect(await delivering).toEqual(delivered);
      }
    },
  );
});

const telemetryCommands = [
  [{ on: true }, 50, '{"on":true}'],
  [{ $value: 'ON' }, 50, '"ON"'],
  [{ $bytes: '4f4e' }, 42, 'ON'],
  [{ raw: '4f4e' }, 42, 'ON'],
] as const;

describe('its requests', () => {
  test.each([
    ['', delivered, []],
    ['{"status":"delivered"}', delivered, []],
    [
      '{"status":"succeeded","result":{"level":3}}',
      delivered,
      [{ state: 'succeeded', result: { level: 3 } }],
    ],
    ['{"status":"failed","reason":"no power"}', delivered, [{ state: 'failed', reason: 'no power' }]],
    ['{"status":"rejected","reason":"not for me"}', { kind: 'rejected', reason: 'not for me' }, []],
  ] as const)('acknowledge with %j', async (payload, result, reports) => {
    const { commandUrl } = await listen('::');
    const delivering = whenAsked(commandFor('r-1'));
    await device.request({ url: commandUrl });
    const said = await device.request({
      url: `${commandUrl}/r-1`,
      method: 'POST',
      payload,
      contentFormat: 50,
    });
    expect(said).toMatchObject({ code: '2.04' });
    expect(await delivering).toEqual(result);
    expect(port.reports).toMatchObject(reports);
  });

  test('report settings', async () => {
    const { settingsUrl } = await listen('::');
    const report = { url: settingsUrl, method: 'POST', contentFormat: 50 } as const;
    expect(await device.request({ ...report, payload: '{"mode":"eco","limit":null}' })).toMatchObject({
      code: '2.04',
    });
    expect(port.settingsReports).toEqual([{ deviceId: 'device/7', patch: { mode: 'eco', limit: null } }]);
    port.onReport(async () => ({ kind: 'refused', reason: 'too deep' }));
    expect(await device.request({ ...report, payload: '{"a":1}' })).toMatchObject({
      code: '4.22',
      payload: Buffer.from('too deep'),
    });
    port.onReport(async () => ({ kind: 'later', afterMs: 30_000 }));
    expect(await device.request({ ...report, payload: '{"a":1}' })).toMatchObject({
      code: '5.03',
      maxAge: 30,
    });
  });

  test.each([
    ['in more than one block', { payload: 'x'.repeat(3_000) }, '4.13'],
    ['that are no JSON object', { payload: '[1]' }, '4.00'],
    ['by PUT', { method: 'PUT', payload: '{}' }, '4.05'],
    ['by DELETE', { method: 'DELETE' }, '4.05'],
  ] as const)('%s are refused', async (_, request, code) => {
    const { settingsUrl } = await listen('::');
    expect(await device.request({ url: settingsUrl, method: 'POST', ...request })).toMatchObject({ code });
    expect(port.settingsReports).toEqual([]);
  });

  test('get 5.03 and a time to come again where all places are taken', async () => {
    const { url, commandUrl } = await listen('::', { maxDevices: 1 });
    const registered = device.observe({ url: commandUrl });
    await registered.next();
    const refused = device.observe({ url: `${url}/commands/other` });
    expect((await refused.next()).value).toMatchObject({ code: '5.03', maxAge: 60 });
  });

  test('need a token of the device where there are tokens', async () => {
    const { commandUrl } = await listen('::', { tokens: () => [token] });
    for (const query of ['', '?token=', `?token=${token}x`]) {
      expect(await device.request({ url: commandUrl + query })).toMatchObject({ code: '4.01' });
    }
    expect(await device.request({ url: `${commandUrl}?token=${token}` })).toMatchObject(nothing);
  });
});
