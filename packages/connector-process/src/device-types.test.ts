import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';

import { expect, onTestFinished, test } from 'vitest';
import { readDeviceTypeRules } from './device-types.js';

function read(protocol: 'http' | 'coap', rules: string) {
  const folder = mkdtempSync(join(tmpdir(), 'device-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'types.yaml'),
    `types: { plug: { ${protocol}: ${rules}, commands: { on: {} } } }`,
  );
  writeFileSync(join(folder, 'devices.yaml'), 'plug-1: plug\n');
  const files = { types: [join(folder, 'types.yaml')], devices: join(folder, 'devices.yaml') };
  return readDeviceTypeRules(protocol, files, silentLogger);
}

test('a type has the rules of its devices, for each of its commands', () => {
  const deviceTypes = read('http', '{ path: "/rpc/{commandType}", commands: { on: { payload: text } } }');
  expect(deviceTypes?.types).toEqual({
    plug: { path: '/rpc/{commandType}', commands: { on: { payload: 'text' } } },
  });
  expect(['plug-1', 'other'].map((id) => deviceTypes?.typeOf(id))).toEqual(['plug', undefined]);
});

test.each([
  ['http', '{ topic: "a/{deviceId}" }', 'types.plug.http.topic: is not known'],
  ['http', '{ preset: tasmota }', 'types.plug.http.preset: is not known'],
  ['http', '{ method: GET }', 'types.plug.http.method: must be one of ["POST","PUT"]'],
  ['coap', '{ payload: xml }', 'types.plug.coap.payload: must be one of'],
  ['coap', '{ answer: { topic: "a/{deviceId}" } }', 'types.plug.coap.answer.topic: is not known'],
  ['coap', '{ answer: { match: { pointer: /id } } }', 'types.plug.coap.answer.match: is not known'],
  ['http', '{ commands: { on: { qos: 1 } } }', 'types.plug.http.commands.on.qos: is not known'],
] as const)('%s: %s is refused with its path', (protocol, rules, problem) => {
  expect(() => read(protocol, rules)).toThrow(problem);
});
