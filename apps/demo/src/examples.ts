import { randomUUID } from 'node:crypto';
import type { DeviceType } from '@preservarium/capabilities';
import type { CommandInput } from '@preservarium/core';
import type { DemoPush } from './demo-push.js';
import { deviceIds } from './devices.js';

/** Creates commands and settings for reachable devices, each with a new request id. */
export function createExamples(): readonly DemoPush[] {
  return [setLed(randomUUID()), setTemperature(randomUUID()), settings(randomUUID()), config(randomUUID())];
}

function setLed(requestId: string): DemoPush {
  const command = {
    deviceId: deviceIds.mqtt,
    commandType: 'set_led',
    payload: { state: 'on', color: 'blue' },
    protocol: 'mqtt' as const,
    topic: `devices/${deviceIds.mqtt}/commands`,
  };
  return {
    name: 'set_led over MQTT',
    deviceId: command.deviceId,
    requestId,
    ends: { state: 'succeeded', evidence: 'executed', after: 'delivered' },
    content: {
      device_id: command.deviceId,
      command_type: 'set_led',
      payload: command.payload,
      protocol: 'mqtt' as const,
      topic: command.topic,
    },
    push: ({ service }) => service.pushCommand({ ...command, requestId }),
  };
}

function setTemperature(requestId: string): DemoPush {
  const content = {
    device_id: deviceIds.mqtt,
    command_type: 'set_temperature',
    payload: { temperature: 21.5 },
    protocol: 'mqtt' as const,
    topic: `devices/${deviceIds.mqtt}/settings`,
  };
  return {
    name: 'set_temperature over MQTT',
    deviceId: deviceIds.mqtt,
    requestId,
    ends: { state: 'succeeded', evidence: 'executed', after: 'delivered' },
    content,
    push: ({ service }) => service.pushCommandDict({ ...content, request_id: requestId }),
  };
}

function settings(requestId: string): DemoPush {
  const values = { temperature: 21.5 };
  return {
    name: 'settings',
    deviceId: deviceIds.mqtt,
    requestId,
    content: { device_id: deviceIds.mqtt, settings: values },
    push: ({ service }) => service.pushSettings(deviceIds.mqtt, values, { requestId }),
  };
}

function config(requestId: string): DemoPush {
  const command = {
    deviceId: deviceIds.coap,
    commandType: 'config',
    payload: { interval: 60 },
    protocol: 'coap' as const,
    path: '/c',
    confirmable: true,
  };
  return {
    name: 'config over CoAP',
    deviceId: command.deviceId,
    requestId,
    ends: { state: 'delivered', evidence: 'device' },
    content: {
      device_id: command.deviceId,
      command_type: 'config',
      payload: command.payload,
      protocol: 'coap' as const,
      path: '/c',
      confirmable: true,
    },
    push: ({ service }) => service.pushCommand({ ...command, requestId }),
  };
}

/** Declared commands of the lamp. */
export const lampType: DeviceType = {
  name: 'lamp',
  commands: {
    set_led: {
      payload: {
        type: 'object',
        required: ['state'],
        properties: { state: { enum: ['on', 'off'] }, color: { type: 'string' } },
      },
      mayBeRepeated: true,
    },
  },
  settings: {},
};

/** A command that does not fit the declared commands of the lamp. */
export const mistakenCommand: CommandInput = {
  deviceId: deviceIds.mqtt,
  commandType: 'set_led',
  payload: { state: 'bright' },
  protocol: 'mqtt' as const,
};
