import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CommandInput } from '@preservarium/core';
import type { DeviceReport, RequestDeviceType } from '@preservarium/deliverer';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHttpDeliverer } from '../src/index.js';
import { deliverTo } from './http-deliver-to.js';

interface Answer {
  readonly status?: number;
  readonly body: string | Buffer;
}

/** A device that answers each request in its own way. */
async function startDevice(answerTo: (path: string, body: Buffer) => Answer) {
  const seen: (readonly [request: string, contentType: string | undefined, body: string])[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    seen.push([`${request.method} ${request.url}`, request.headers['content-type'], body.toString('latin1')]);
    const { status = 200, body: answer } = answerTo(request.url ?? '', body);
    // Many devices name no type.
    response.writeHead(status).end(answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, seen };
}

/** https://shelly-api-docs.shelly.cloud/gen2/General/RPCChannels: the method in the path, its parameters as body. */
const rpc: RequestDeviceType = {
  path: '/rpc/{commandType}',
  answer: { failure: { pointer: '/code' }, reason: '/message' },
  commands: { 'Switch.Set': {}, 'Cover.Open': {} },
};
const plc: RequestDeviceType = {
  path: '/{deviceId}/out?id={requestId}',
  method: 'PUT',
  payload: 'text',
  answer: { payload: 'text', success: { pattern: '^OK' }, failure: { pattern: '^ERR' } },
  commands: {
    switch: {},
    measure: { payload: 'number', answer: { payload: 'number', success: {} } },
    load: { payload: 'bytes' },
  },
};

async function deliver(type: RequestDeviceType, answer: Answer, command: Partial<CommandInput>) {
  const device = await startDevice(() => answer);
  const reports: DeviceReport[] = [];
  const deviceTypes = { types: { kind: type }, typeOf: () => 'kind' };
  const deliverTyped = await deliverTo(device.baseUrl, { deviceTypes }, reports);
  const result = await deliverTyped({ requestId: 'r/1', deviceId: 'plc 1', ...command });
  return { result, reports, seen: device.seen };
}

const byGateway = { kind: 'delivered', evidence: 'gateway' };
const ids = { deviceId: 'plc 1', requestId: 'r/1' };

describe('a device with paths and payloads of its own', () => {
  test('has the command type in the path, and succeeds by its response', async () => {
    const command = { commandType: 'Switch.Set', payload: { id: 0, on: true } };
    const { result, reports, seen } = await deliver(rpc, { body: '{"was_on":false}' }, command);
    expect(seen).toEqual([['POST /in/rpc/Switch.Set', 'application/json', '{"id":0,"on":true}']]);
    expect(result).toEqual(byGateway);
    expect(reports).toEqual([{ ...ids, state: 'succeeded', result: { was_on: false } }]);
  });

  test('fails by its response, with the reason', async () => {
    const body = '{"code":-114,"message":"no such method"}';
    const { result, reports } = await deliver(rpc, { body }, { commandType: 'Cover.Open' });
    expect(result).toEqual(byGateway);
    expect(reports).toEqual([
      { ...ids, state: 'failed', reason: 'no such method', result: JSON.parse(body) },
    ]);
  });

  test.each([
    ['switch', { $value: 'ON' }, 'text/plain', 'ON', 'OK 7', { state: 'succeeded', result: 'OK 7' }],
    [
      'switch',
      { $value: 'HALF' },
      'text/plain',
      'HALF',
      'ERR 2',
      { state: 'failed', reason: 'ERR 2', result: 'ERR 2' },
    ],
    ['measure', { $value: 21.5 }, 'text/plain', '21.5', '22', { state: 'succeeded', result: 22 }],
    [
      'load',
      { $bytes: '01ff' },
      'application/octet-stream',
      '\u0001\u00ff',
      'OK',
      { state: 'succeeded', result: 'OK' },
    ],
  ])('%s of %j', async (commandType, payload, contentType, sent, body, report) => {
    const { result, reports, seen } = await deliver(plc, { body }, { commandType, payload });
    expect(seen).toEqual([['PUT /in/plc%201/out?id=r%2F1', contentType, sent]]);
    expect(result).toEqual(byGateway);
    expect(reports).toEqual([{ ...ids, ...report }]);
  });

  test('keeps the path and the method that a command names', async () => {
    const command = {
      commandType: 'switch',
      path: '/other',
      method: 'POST',
      payload: { $value: 'ON' },
    } as const;
    expect((await deliver(plc, { body: 'OK' }, command)).seen[0]?.[0]).toBe('POST /in/other');
  });

  test.each<Answer>([{ body: 'WAIT' }, { status: 202, body: 'OK' }])(
    'has delivered the command, and no more, where its answer %j does not say',
    async (answer) => {
      const { result, reports } = await deliver(plc, answer, {
        commandType: 'switch',
        payload: { $value: 'ON' },
      });
      expect(result).toMatchObject(byGateway);
      expect(reports).toEqual([]);
    },
  );

  test.each([
    ['blink', {}, 'plc-1', 'have no command "blink"'],
    ['switch', { a: 1 }, 'plc-1', 'must be text, a number or a boolean'],
    ['switch', { $value: 'ON' }, '..', '".." segment'],
  ])('refuses %s of %j for the device %4$s', async (commandType, payload, deviceId, reason) => {
    const { result, seen } = await deliver(plc, { body: 'OK' }, { commandType, payload, deviceId });
    expect(result).toEqual({ kind: 'rejected', reason: expect.stringContaining(reason) });
    expect(seen).toEqual([]);
  });
});

test.each<[RequestDeviceType, string]>([
  [{ path: 'rpc', commands: { a: {} } }, 'http.commands.a: path: "rpc" must begin with one "/"'],
  [{ path: '//other.example/', commands: { a: {} } }, 'must begin with one "/"'],
  [
    { path: '/{device}', commands: { a: {} } },
    'path: "/{device}" has {device}, which is not one of {deviceId}',
  ],
  [{ commands: { a: { answer: { success: { pattern: '(' } } } } }, 'http.commands.a: answer.success: '],
])('%j is refused with its place', (type, problem) => {
  const deviceTypes = { types: { kind: type }, typeOf: () => 'kind' };
  const create = () => createHttpDeliverer({ directory: () => undefined, deviceTypes });
  expect(create).toThrow(problem);
});
