import { type CommandInput, parseCommand } from '@preservarium/core';
import type { RequestDeviceType } from '@preservarium/deliverer';
import {
  type LibcoapServer,
  requestWithLibcoap,
  startAiocoapServer,
  startLibcoapServer,
} from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createCoapDeliverer } from '../src/index.js';
import { createFakePort } from './coap-fake-port.js';

const timeoutMs = 10_000;
let server: LibcoapServer;
beforeAll(async () => {
  server = await startLibcoapServer(['-d', '10']);
});
afterAll(() => server.stop());

async function deliver(type: RequestDeviceType, input: Partial<CommandInput>, url = server.url) {
  const deviceTypes = { types: { kind: type }, typeOf: () => 'kind' };
  const deliverer = createCoapDeliverer({ directory: () => url, deviceTypes, timeoutMs });
  onTestFinished(() => deliverer.close({ timeoutMs: 0 }));
  const port = createFakePort();
  await deliverer.start(port, { timeoutMs });
  const command = parseCommand({
    requestId: 'r1',
    deviceId: 'lamp 7',
    commandType: 'set',
    protocol: 'coap',
    ...input,
  });
  const context = { attempt: 1, mayBeRepeat: false, signal: new AbortController().signal };
  const result = await deliverer.deliver(command, context);
  return { result, reports: port.reports };
}

const stored = async (path: string) => (await requestWithLibcoap({ url: server.url + path })).payload;

test.each([
  ['text', { $value: 'ON' }, '4f4e'],
  ['number', { $value: 21.5 }, '32312e35'],
  ['cbor', { on: true }, 'a1626f6ef5'],
  ['bytes', { $bytes: '01ff' }, '01ff'],
] as const)('a device has a path and payloads of its own: %s', async (payload, value, bytes) => {
  const type = { path: '/{deviceId}/{commandType}', method: 'PUT', payload, commands: { set: {} } } as const;
  const { result } = await deliver(type, { payload: value });
  expect(result).toMatchObject({ kind: 'delivered', evidence: 'device' });
  expect((await stored('/lamp%207/set')).toString('hex')).toBe(bytes);
});

test.each([
  [{ success: { pattern: '^\\d+$' } }, { state: 'succeeded', result: expect.stringMatching(/^\d+$/) }],
  [{ failure: { pattern: '^\\d+$' } }, { state: 'failed', reason: expect.stringMatching(/^\d+$/) }],
])('%j judges its response', async (answer, report) => {
  const type: RequestDeviceType = { answer: { payload: 'text', ...answer }, commands: { set: {} } };
  // The clock of libcoap's server.
  const { result, reports } = await deliver(type, { path: '/time?ticks', method: 'GET' });
  expect(result).toEqual({ kind: 'delivered', evidence: 'device' });
  expect(reports).toEqual([{ deviceId: 'lamp 7', requestId: 'r1', ...report, result: expect.any(String) }]);
});

test('an internal error fails the command where it fits the failure, and is tried again otherwise', async () => {
  await using device = await startAiocoapServer();
  const type: RequestDeviceType = {
    path: '/answer/5.00?text={commandType}',
    answer: { payload: 'text', failure: { pattern: '^NO' } },
    commands: { NO_POWER: {}, panic: {} },
  };
  const failed = await deliver(type, { commandType: 'NO_POWER' }, device.url);
  expect(failed.result).toEqual({ kind: 'delivered', evidence: 'device' });
  expect(failed.reports).toMatchObject([{ requestId: 'r1', state: 'failed', reason: 'NO_POWER' }]);
  const again = await deliver(type, { commandType: 'panic' }, device.url);
  expect(again.result).toMatchObject({ kind: 'retryable', reason: 'the device answered 5.00: panic' });
  expect(again.reports).toEqual([]);
});

test('a command that its type does not have is rejected', async () => {
  const { result } = await deliver({ commands: { on: {} } }, {});
  expect(result).toEqual({
    kind: 'rejected',
    reason: 'devices of the type "kind" have no command "set"',
  });
});

test('a path that cannot be is refused with its place', () => {
  const types = { kind: { path: '/{device}', commands: { set: {} } } };
  const create = () =>
    createCoapDeliverer({ directory: () => server.url, deviceTypes: { types, typeOf: () => 'kind' } });
  expect(create).toThrow('the device type "kind": coap.commands.set: path: "/{device}" has {device}');
});
