import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPusher } from './run-pusher.js';

const lamp = `
types:
  lamp:
    commands:
      set_led:
        payload: { type: object, required: [state], properties: { state: { enum: ["on", "off"] } } }
      reboot: {}
    settings:
      brightness: { type: integer }
`;
const thing = {
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  title: 'Pump',
  securityDefinitions: { none: { scheme: 'nosec' } },
  security: 'none',
  actions: { prime: { forms: [{ href: 'coap://pump.example/prime' }] } },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-capabilities-'));
  await writeFile(join(folder, 'lamp.yaml'), lamp);
  await writeFile(join(folder, 'pump.td.json'), JSON.stringify(thing));
  await writeFile(join(folder, 'broken.yaml'), lamp.replace('commands:', 'command:'));
});
afterAll(() => rm(folder, { recursive: true }));

test('capabilities check says what each type has', async () => {
  const result = await runPusher(['capabilities', 'check', 'lamp.yaml', 'pump.td.json'], { folder });
  expect(result).toEqual({
    exitCode: 0,
    stderr: '',
    stdout:
      'lamp.yaml: lamp has the commands set_led, reboot and the settings brightness\n' +
      'pump.td.json: Pump has the commands prime and no settings\n',
  });
});

test('capabilities check warns of a term that is ignored, and --strict refuses it', async () => {
  await writeFile(join(folder, 'vendor.yaml'), lamp.replace('type: integer', 'type: integer, maximun: 100'));
  const place = 'settings.brightness.maximun: is no keyword of JSON Schema';
  const lenient = await runPusher(['capabilities', 'check', 'vendor.yaml'], { folder });
  expect(lenient).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^vendor.yaml: lamp has /) });
  expect(lenient.stderr).toContain(`types.lamp.${place}, and is ignored; did you mean "maximum"?`);
  const strict = await runPusher(['capabilities', 'check', '--strict', 'vendor.yaml'], { folder });
  expect(strict).toMatchObject({ exitCode: 2, stdout: '' });
  expect(strict.stderr).toContain(`the device type "lamp": ${place}`);
});

test.each([
  ['capabilities', 'check'],
  ['types', 'generate'],
])('%s %s of a broken file says what is wrong and where, in one line', async (...command) => {
  const result = await runPusher([...command, 'broken.yaml'], { folder });
  expect(result).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'pusher: CONFIGURATION_INVALID: capabilities broken.yaml: types.lamp.command: is not known; did you mean "commands"? allowed: "description", "mqtt", "http", "coap", "commands", "settings"\n',
  });
});

test('types generate prints one module for all files', async () => {
  const result = await runPusher(['types', 'generate', 'lamp.yaml', 'pump.td.json'], { folder });
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  expect(result.stdout.match(/^import .*/gm)).toHaveLength(1);
  expect(result.stdout.match(/^export \S+ \w+/gm)).toEqual([
    'export type LampSetLed',
    'export type LampReboot',
    'export type LampSettings',
    'export const lampCommands',
    'export type PumpPrime',
    'export type PumpSettings',
    'export const pumpCommands',
  ]);
});
