import type { JsonValue } from '@preservarium/core';
import type { DeviceDirectory } from '@preservarium/deliverer';
import {
  type ArrivedCommand,
  type Devices,
  type Execute,
  type ServingDevices,
  startCoapDevices,
  startCoapPollingDevices,
  startHttpDevices,
  startMqttDevices,
} from '@preservarium/device-simulator';

/** Devices of the demo by protocol. */
export const deviceIds = {
  mqtt: 'device123',
  coap: '282c02424eed',
  /** Polls its commands. */
  coapPolling: 'valve-9',
  http: 'door-7',
  httpOffline: 'gate-4',
  /** Unreachable while its settings change. */
  httpSettings: 'heater-2',
} as const;

export interface DemoDevices extends AsyncDisposable {
  /** Addresses of devices with a server. */
  readonly coapDirectory: DeviceDirectory;
  readonly httpDirectory: DeviceDirectory;
  /** Returns the settings that the device received, in order. */
  settingsSent(deviceId: string): readonly JsonValue[];
  sleep(deviceId: string): void;
  wake(deviceId: string): void;
}

/** Starts one or more devices of each protocol; every command succeeds. */
export async function startDemoDevices(brokerUrl: string, coapConnectorUrl: string): Promise<DemoDevices> {
  const arrived: ArrivedCommand[] = [];
  const execute: Execute = async (command) => {
    arrived.push(command);
    return { status: 'succeeded', result: { applied: command.payload } };
  };
  const mqtt = await startMqttDevices({
    deviceIds: [deviceIds.mqtt],
    execute,
    url: brokerUrl,
    protocolVersion: 4,
  });
  const coap = await startCoapDevices({ deviceIds: [deviceIds.coap], execute });
  const http = await startHttpDevices({
    deviceIds: [deviceIds.http, deviceIds.httpOffline, deviceIds.httpSettings],
    execute,
  });
  const coapPolling = await startCoapPollingDevices({
    deviceIds: [deviceIds.coapPolling],
    execute,
    url: coapConnectorUrl,
    pollEveryMs: 500,
  });
  const groups: readonly Devices[] = [mqtt, coap, http, coapPolling];

  return {
    coapDirectory: (deviceId) => addressIn(coap, 'coap', deviceId),
    httpDirectory: (deviceId) => addressIn(http, 'http', deviceId),
    settingsSent: (deviceId) =>
      arrived
        .filter((command) => command.deviceId === deviceId && command.commandType === 'settings')
        .map(({ payload }) => payload),
    sleep: (deviceId) => groupOf(groups, deviceId).sleep(deviceId),
    wake: (deviceId) => groupOf(groups, deviceId).wake(deviceId),
    async [Symbol.asyncDispose]() {
      await Promise.all(groups.map((group) => group.close()));
    },
  };
}

function addressIn(
  { deviceIds, port }: ServingDevices,
  scheme: string,
  deviceId: string,
): string | undefined {
  return deviceIds.includes(deviceId) ? `${scheme}://127.0.0.1:${port}/${deviceId}` : undefined;
}

function groupOf(groups: readonly Devices[], deviceId: string): Devices {
  const group = groups.find((candidate) => candidate.deviceIds.includes(deviceId));
  if (group === undefined) throw new Error(`unknown device ${deviceId}`);
  return group;
}
