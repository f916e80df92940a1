import type { Logger } from '@preservarium/backend';
import { deviceTypesFromFile, readDeviceTypes } from '@preservarium/capabilities';
import { ConfigurationError } from '@preservarium/core';
import type { MqttDeviceType, MqttDeviceTypes } from '@preservarium/deliverer-mqtt';
import type { Variables } from '@preservarium/environment';
import { z } from 'zod';

/** The variables of devices with topics and payloads of their own. `docs/configuration.md` has the same list. */
export const deviceTypeVariables = {
  MQTT_DEVICE_TYPES: {
    rule: z
      .string()
      .transform((text) => text.split(',').map((path) => path.trim()))
      .transform((paths) => paths.filter((path) => path !== ''))
      .optional(),
    meaning:
      'Files of device types, separated by commas, with the topics and payloads of devices that have their own (`mqtt`).',
    example: '/etc/pusher/plug.yaml',
    otherwise: 'all devices have the topics above and JSON payloads',
  },
  MQTT_DEVICES: {
    rule: z.string().min(1).optional(),
    meaning: 'YAML or JSON file of device id → type.',
    example: '/etc/pusher/devices.yaml',
    otherwise: 'must be set with `MQTT_DEVICE_TYPES`',
  },
} as const satisfies Variables;

interface Values {
  readonly MQTT_DEVICE_TYPES?: readonly string[] | undefined;
  readonly MQTT_DEVICES?: string | undefined;
}

/**
 * Reads the types of devices; undefined where none are given.
 *
 * @throws ConfigurationError where a file is not valid, or one of the two variables is missing
 */
export function readMqttDeviceTypes(
  { MQTT_DEVICE_TYPES: paths = [], MQTT_DEVICES: path }: Values,
  logger: Logger,
): MqttDeviceTypes | undefined {
  if (paths.length === 0 && path === undefined) return undefined;
  if (paths.length === 0 || path === undefined) {
    throw new ConfigurationError(
      'MQTT_DEVICE_TYPES and MQTT_DEVICES belong together: set both; for example MQTT_DEVICE_TYPES=plug.yaml MQTT_DEVICES=devices.yaml',
    );
  }
  const declared = paths.flatMap((each) =>
    readDeviceTypes(each, { onWarning: (warning) => logger.warn({}, warning) }),
  );
  const types = declared.flatMap(({ name, mqtt, commands }) => {
    if (mqtt === undefined) return [];
    const { commands: rules = {}, ...ofType } = mqtt as Partial<MqttDeviceType>;
    const ofCommands = Object.fromEntries(
      Object.keys(commands).map((command) => [command, rules[command] ?? {}]),
    );
    return [[name, { ...ofType, commands: { ...ofCommands, ...rules } }] as const];
  });
  return { types: Object.fromEntries(types), typeOf: deviceTypesFromFile(path, { logger }) };
}
