import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { DeviceReport, RequestDeviceType } from '@preservarium/deliverer';
import { expect, onTestFinished, test } from 'vitest';
import { deliverTo } from './http-deliver-to.js';

interface RpcError {
  readonly code: number;
  readonly message: string;
}

/**
 * The errors are those of https://shelly-api-docs.shelly.cloud/gen2/General/CommonErrors. That documentation has no statuses of HTTP. These are those of the HTTP channel of
 * Mongoose OS, on which the firmware is built: a frame is always answered with 200, a method in the path by its result, or by its error with 403, 404 or 500.
 */
async function startShelly() {
  const outputs = [false];

  function call(method: string, { id, on }: { id?: number; on?: boolean }): object | RpcError {
    if (method === 'Sys.Reset') return { code: 403, message: 'Not allowed' };
    if (method !== 'Switch.Set') return { code: 404, message: `No handler for ${method}` };
    if (id === undefined) return { code: -103, message: "Missing required 'id'" };
    const wasOn = outputs[id];
    if (wasOn === undefined) return { code: -105, message: `Bad id=${id}` };
    outputs[id] = on === true;
    return { was_on: wasOn };
  }

  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    const method = request.url?.slice('/rpc/'.length) ?? '';
    const answer = call(method || body.method, (method ? body : body.params) ?? {});
    const isError = 'code' in answer;
    const status = !isError || !method ? 200 : [403, 404].includes(answer.code) ? answer.code : 500;
    const frame = {
      id: body.id,
      src: 'shellyplus1-7',
      dst: body.src,
      [isError ? 'error' : 'result']: answer,
    };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method ? answer : frame));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const commands = { 'Switch.Set': {}, 'Switch.Blink': {}, 'Sys.Reset': {} };
const byPath: RequestDeviceType = {
  path: '/rpc/{commandType}',
  answer: { failure: { pointer: '/code' }, reason: '/message' },
  commands,
};
const byFrame: RequestDeviceType = {
  path: '/rpc',
  frame: { id: '{requestId}', src: 'preservarium', method: '{commandType}', params: '{value}' },
  answer: { failure: { pointer: '/error' }, result: '/result', reason: '/error/message' },
  commands,
};

async function deliver(type: RequestDeviceType, commandType: string, payload: Record<string, unknown>) {
  const reports: DeviceReport[] = [];
  const deviceTypes = { types: { shelly: type }, typeOf: () => 'shelly' };
  const deliverTyped = await deliverTo(await startShelly(), { deviceTypes }, reports);
  const result = await deliverTyped({ requestId: 'r1', deviceId: 'relay', commandType, payload });
  return { result, reports };
}

const ids = { deviceId: 'relay', requestId: 'r1' };
const delivered = { kind: 'delivered', evidence: 'gateway' };

test.each([
  ['the path', byPath],
  ['a frame', byFrame],
])('a Shelly that has the method in %s executes a command', async (_, type) => {
  const { result, reports } = await deliver(type, 'Switch.Set', { id: 0, on: true });
  expect(result).toEqual(delivered);
  expect(reports).toEqual([{ ...ids, state: 'succeeded', result: { was_on: false } }]);
});

test.each([
  ['the path', byPath, { on: true }, "Missing required 'id'"],
  ['the path', byPath, { id: 7, on: true }, 'Bad id=7'],
  ['a frame', byFrame, { on: true }, "Missing required 'id'"],
  ['a frame', byFrame, { id: 7, on: true }, 'Bad id=7'],
])('a Shelly that has the method in %s fails a command for good: %#', async (_, type, payload, reason) => {
  const { result, reports } = await deliver(type, 'Switch.Set', payload);
  expect(result).toEqual(delivered);
  expect(reports).toMatchObject([{ ...ids, state: 'failed', reason }]);
});

test.each([
  ['Switch.Blink', 'answered 404: {"code":404,"message":"No handler for Switch.Blink"}'],
  ['Sys.Reset', 'answered 403: {"code":403,"message":"Not allowed"}'],
])('a Shelly that has the method in the path refuses %s', async (commandType, reason) => {
  expect(await deliver(byPath, commandType, {})).toEqual({
    result: { kind: 'rejected', reason },
    reports: [],
  });
});

test('a Shelly that has the method in a frame fails one that it does not have', async () => {
  const { result, reports } = await deliver(byFrame, 'Switch.Blink', {});
  expect(result).toEqual(delivered);
  expect(reports).toMatchObject([{ ...ids, state: 'failed', reason: 'No handler for Switch.Blink' }]);
});
