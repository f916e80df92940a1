import { startCoapDevices } from './coap-devices.js';
import { startCoapPollingDevices } from './coap-polling-devices.js';
import type { Devices, Execute } from './device.js';
import { startHttpDevices } from './http-devices.js';
import { startMqttDevices } from './mqtt-devices.js';
import type { SimulatorOptions } from './options.js';

/** Devices of one kind, and the address of their commands. */
export interface StartedDevices {
  readonly devices: Devices;
  readonly place: string;
}

/** Starts the devices of every kind in the options. If one kind fails to start, closes the others and rejects. */
export async function startDevices(
  options: SimulatorOptions,
  execute: Execute,
): Promise<readonly StartedDevices[]> {
  const { host, broker, mqttVersion, coapPort, httpPort, connector, pollEvery: pollEveryMs } = options;
  const protocolVersion = mqttVersion === '3.1.1' ? 4 : 5;
  const started: StartedDevices[] = [];

  async function start(
    kind: string,
    count: number,
    begin: (settings: { deviceIds: readonly string[]; execute: Execute }) => Promise<StartedDevices>,
  ): Promise<void> {
    const deviceIds = Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
    if (count > 0) started.push(await begin({ deviceIds, execute }));
  }

  try {
    await start('mqtt', options.mqtt, async (settings) => {
      const devices = await startMqttDevices({ ...settings, url: broker, protocolVersion });
      return { devices, place: `on ${broker}` };
    });
    await start('coap', options.coap, async (settings) => {
      const devices = await startCoapDevices({ ...settings, host, port: coapPort });
      return { devices, place: `at coap://${host}:${devices.port}/{deviceId}` };
    });
    await start('coap-polling', options.coapPolling, async (settings) => {
      const devices = await startCoapPollingDevices({ ...settings, url: connector, pollEveryMs });
      return { devices, place: `polling ${connector}` };
    });
    await start('http', options.http, async (settings) => {
      const devices = await startHttpDevices({ ...settings, host, port: httpPort });
      return { devices, place: `at http://${host}:${devices.port}/{deviceId}` };
    });
  } catch (error) {
    await Promise.all(started.map(({ devices }) => devices.close()));
    throw error;
  }
  return started;
}
