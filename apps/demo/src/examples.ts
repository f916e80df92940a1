import type { CommandInput } from '@preservarium/core';
import type { PusherService, PushReceipt } from '@preservarium/publisher';

export interface Example {
  readonly name: string;
  readonly deviceId: string;
  push(service: PusherService): Promise<PushReceipt>;
  /** What the record's JSON must say, beside its request id. */
  readonly expected: Readonly<Record<string, unknown>>;
}

export const examples: readonly Example[] = [
  {
    name: 'set_led over MQTT',
    deviceId: 'device123',
    push: (service) =>
      service.pushCommand({
        deviceId: 'device123',
        commandType: 'set_led',
        payload: { state: 'on', color: 'blue' },
        protocol: 'mqtt',
        topic: 'devices/device123/commands',
      }),
    expected: {
      device_id: 'device123',
      command_type: 'set_led',
      payload: { state: 'on', color: 'blue' },
      protocol: 'mqtt',
      topic: 'devices/device123/commands',
    },
  },
  {
    name: 'set_temperature over MQTT',
    deviceId: 'device123',
    push: (service) =>
      service.pushCommandDict({
        device_id: 'device123',
        command_type: 'set_temperature',
        payload: { temperature: 21.5 },
        protocol: 'mqtt',
        topic: 'devices/device123/settings',
      }),
    expected: {
      device_id: 'device123',
      command_type: 'set_temperature',
      payload: { temperature: 21.5 },
      protocol: 'mqtt',
      topic: 'devices/device123/settings',
    },
  },
  {
    name: 'settings',
    deviceId: 'device123',
    push: (service) => service.pushSettings('device123', { temperature: 21.5 }),
    expected: { device_id: 'device123', settings: { temperature: 21.5 } },
  },
  {
    name: 'config over CoAP',
    deviceId: '282c02424eed',
    push: (service) =>
      service.pushCommand({
        deviceId: '282c02424eed',
        commandType: 'config',
        payload: { interval: 60 },
        protocol: 'coap',
        path: '/c',
        confirmable: true,
      }),
    expected: {
      device_id: '282c02424eed',
      command_type: 'config',
      payload: { interval: 60 },
      protocol: 'coap',
      path: '/c',
      confirmable: true,
    },
  },
];

/** Has a wildcard where one device's topic belongs. */
export const mistakenCommand: CommandInput = {
  deviceId: 'device123',
  commandType: 'set_led',
  payload: { state: 'on' },
  protocol: 'mqtt',
  topic: 'devices/+/commands',
};
