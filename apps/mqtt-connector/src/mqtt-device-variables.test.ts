import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { readDeviceTypeRules } from '@preservarium/connector-process';
import { createMqttDeliverer, type MqttDeviceType } from '@preservarium/deliverer-mqtt';
import { describeVariables } from '@preservarium/environment';
import { expect, onTestFinished, test } from 'vitest';
import { mqttDeviceVariables } from './mqtt-device-variables.js';

const document = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

test('docs/configuration.md has a table of these variables, and no other in it', () => {
  expect(document).toContain(`|---|---|---|---|\n${describeVariables(mqttDeviceVariables).join('\n')}\n\n`);
});

function read(types: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-device-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'types.yaml'), types);
  writeFileSync(join(folder, 'devices.yaml'), 'plug-1: plug\nlamp-1: lamp\n');
  return readDeviceTypeRules<MqttDeviceType>(
    'mqtt',
    { types: [join(folder, 'types.yaml')], devices: join(folder, 'devices.yaml') },
    silentLogger,
  );
}

test('a type has the rules of its devices, for each of its commands', () => {
  const deviceTypes = read(`
types:
  plug:
    mqtt: { preset: tasmota, commands: { Status: { topic: 'cmnd/{deviceId}/STATUS' } } }
    commands: { POWER: { payload: { type: string } }, Status: {} }
  lamp: { commands: { set: {} } }
`);
  expect(deviceTypes?.types).toEqual({
    plug: { preset: 'tasmota', commands: { POWER: {}, Status: { topic: 'cmnd/{deviceId}/STATUS' } } },
  });
  expect(['plug-1', 'lamp-1', 'other'].map((id) => deviceTypes?.typeOf(id))).toEqual([
    'plug',
    'lamp',
    undefined,
  ]);
});

test.each([
  [
    '{ preset: x }',
    'the device type "plug": mqtt.preset: "x" is not one of zigbee2mqtt, tasmota, shelly-gen2, esphome',
  ],
  [
    '{ topic: "cmnd/POWER" }',
    'the device type "plug": mqtt.commands.POWER: topic: must have {deviceId} once',
  ],
  ['{ payload: xml }', 'mqtt.payload: must be one of'],
  [
    '{ answer: { topic: "a/{deviceId}", success: { pattern: "(" } } }',
    'mqtt.commands.POWER: answer.success: ',
  ],
  [
    '{ answer: { topic: "a/{deviceId}", success: { pointer: a } } }',
    'answer.success: "a" is no JSON pointer',
  ],
  ['{ answer: {} }', 'mqtt.answer.topic: is required'],
  ['{ topics: "x" }', 'mqtt.topics: is not known'],
])('%s is refused with its place', (mqtt, problem) => {
  const create = () =>
    createMqttDeliverer({
      url: 'mqtt://127.0.0.1:1',
      deviceTypes: read(`types: { plug: { mqtt: ${mqtt}, commands: { POWER: {} } } }`) ?? {
        types: {},
        typeOf: () => undefined,
      },
    });
  expect(create).toThrow(problem);
});

test('one variable without the other is refused', () => {
  expect(() => readDeviceTypeRules('mqtt', { types: undefined, devices: 'x' }, silentLogger)).toThrow(
    'MQTT_DEVICE_TYPES and MQTT_DEVICES belong together',
  );
});
