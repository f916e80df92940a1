import type { CommandState, Protocol } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import { createHttpDeliverer } from '@preservarium/deliverer-http';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { freeUdpPort, publishWithMosquitto, startMosquitto } from '@preservarium/dev-services';
import {
  type ServingDevices,
  startCoapDevices,
  startCoapPollingDevices,
  startHttpDevices,
  startMqttDevices,
} from '@preservarium/device-simulator';
import { afterAll, describe, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { createSettingsScene, type SettingsSceneOptions } from '../src/settings-scene.js';

const deviceIds = Array.from({ length: 5 }, (_, index) => `pump-${index}`);
const patience = { timeout: 60_000 };

const mosquitto = await startMosquitto();
afterAll(() => mosquitto.stop());

interface Side extends Omit<SettingsSceneOptions, 'createBackend'>, Pick<Deliverer, 'protocol'> {
  /** State of a command that was tried once for a device that sleeps. */
  readonly triedState: CommandState;
}

function mqtt(protocolVersion: 5 | 4): Side {
  return {
    protocol: 'mqtt',
    triedState: 'delivered',
    createDeliverer: (logger) => createMqttDeliverer({ url: mosquitto.url, protocolVersion, logger }),
    createDevices: (ids, execute) =>
      startMqttDevices({ deviceIds: ids, execute, url: mosquitto.url, protocolVersion }),
  };
}

async function polling(): Promise<Side> {
  const port = await freeUdpPort();
  return {
    protocol: 'coap',
    // Nothing is sent to a device that has not asked.
    triedState: 'waiting',
    createDeliverer: () => createCoapDeliverer({ listen: { host: '127.0.0.1', port } }),
    createDevices: (ids, execute) =>
      startCoapPollingDevices({
        deviceIds: ids,
        execute,
        url: `coap://127.0.0.1:${port}`,
        pollEveryMs: 100,
      }),
  };
}

function serving(protocol: 'coap' | 'http', start: typeof startCoapDevices | typeof startHttpDevices): Side {
  let devices: ServingDevices;
  const directory = (deviceId: string) => `${protocol}://127.0.0.1:${devices.port}/${deviceId}`;
  return {
    protocol,
    triedState: 'dispatched',
    createDeliverer: () =>
      protocol === 'coap'
        ? createCoapDeliverer({ directory, timeoutMs: 1_000 })
        : createHttpDeliverer({ directory, evidence: 'device' }),
    async createDevices(ids, execute) {
      devices = await start({ deviceIds: ids, execute });
      return devices;
    },
  };
}

const sides: Readonly<Record<string, () => Side | Promise<Side>>> = {
  'MQTT 5': () => mqtt(5),
  'MQTT 3.1.1': () => mqtt(4),
  'CoAP devices that poll': polling,
  'CoAP devices with a server': () => serving('coap', startCoapDevices),
  'HTTP devices': () => serving('http', startHttpDevices),
};

describe.each(Object.entries(backends))('through %s', (_name, createBackend) => {
  test.each(Object.entries(sides))(
    'to %s, only what is lacking arrives, and only the newest of it',
    async (_, side) => {
      const { protocol, triedState, ...parts } = await side();
      await using scene = await createSettingsScene(deviceIds, { createBackend, ...parts });
      const { settings, devices } = scene;
      const push = (patch: object) =>
        Promise.all(
          deviceIds.map((deviceId) =>
            settings.pushSettings(deviceId, { ...patch }, { protocol: protocol as Protocol }),
          ),
        );
      const inSync = () =>
        deviceIds.every((id) => Object.keys(settings.getSettings(id)?.difference ?? {}).length === 0);
      const arrived = () => deviceIds.map(scene.arrived);
      const eachOf = (...expected: object[]) => deviceIds.map(() => expected);

      /** All that can be done for devices that sleep: the broker has it, or it has been tried. */
      const untilAll = (patch: object) =>
        expect.poll(() => scene.count(patch, triedState), patience).toBe(deviceIds.length);

      // Two changes while the devices sleep and the connector is started anew.
      deviceIds.forEach(devices.sleep);
      const first = await scene.startConnector();
      await push({ a: 1 });
      await untilAll({ a: 1 });
      await first.close();
      const second = await scene.startConnector();
      await push({ a: 2 });
      await untilAll({ a: 2 });
      expect(arrived()).toEqual(eachOf());
      deviceIds.forEach(devices.wake);
      await expect.poll(inSync, patience).toBe(true);
      expect(arrived()).toEqual(eachOf({ a: 2 }));

      // Changes that change nothing for the devices, and one that does.
      await push({ a: 2 });
      await push({ b: 1 });
      await expect.poll(inSync, patience).toBe(true);
      expect(arrived()).toEqual(eachOf({ a: 2 }, { b: 1 }));
      await second.close();

      // A connector that has read nothing yet.
      await push({ c: { d: 1 } });
      await scene.startConnector(`another ${protocol}`);
      await expect.poll(inSync, patience).toBe(true);
      expect(arrived()).toEqual(eachOf({ a: 2 }, { b: 1 }, { c: { d: 1 } }));
      expect(settings.getSettings('pump-0')?.reported).toEqual({ a: 2, b: 1, c: { d: 1 } });
    },
  );

  test('reports that cannot be read or are too large are dropped with a word, and those after them are kept', async () => {
    await using scene = await createSettingsScene(['pump-0'], { createBackend, ...mqtt(5) });
    // Reports are stored of devices of which something is desired.
    await scene.settings.pushSettings('pump-0', {});
    await scene.startConnector();
    const topic = 'devices/pump-0/settings/reported';
    for (const payload of [
      'on',
      '[1]',
      `{"a":"${'x'.repeat(300_000)}"}`,
      `${'{"a":'.repeat(60)}1`,
      '{"a":1}',
    ]) {
      await publishWithMosquitto(mosquitto, { topic, payload });
    }
    await expect.poll(() => scene.settings.getSettings('pump-0')?.reported, patience).toEqual({ a: 1 });
    // One line for the first of the four: the others within a minute are counted.
    expect(scene.warnings.filter((warning) => JSON.stringify(warning).includes(topic))).toHaveLength(1);
  });
});
