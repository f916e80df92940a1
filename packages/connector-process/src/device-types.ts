import type { Logger } from '@preservarium/backend';
import { deviceTypesFromFile, readDeviceTypes } from '@preservarium/capabilities';
import { ConfigurationError } from '@preservarium/core';
import type { DeviceTypeRules, DeviceTypes } from '@preservarium/deliverer';
import { commaList, type Variable } from '@preservarium/environment';
import { z } from 'zod';

/** The protocols for which a type of devices may have rules. */
type Protocol = 'mqtt' | 'coap' | 'http';

type DeviceTypeVariables<Prefix extends string> = {
  readonly [Name in `${Prefix}_DEVICE_TYPES`]: Variable & { readonly rule: OptionalList };
} & {
  readonly [Name in `${Prefix}_DEVICES`]: Variable & { readonly rule: z.ZodOptional<z.ZodString> };
};
type OptionalList = z.ZodOptional<typeof commaList>;

/**
 * Returns the variables of devices that have topics or paths and payloads of their own. `docs/configuration.md` has the same lists.
 *
 * @param places what they have of their own, for example `topics`
 */
export function deviceTypeVariables<Prefix extends Uppercase<Protocol>>(
  prefix: Prefix,
  places: string,
): DeviceTypeVariables<Prefix> {
  const variables = {
    [`${prefix}_DEVICE_TYPES`]: {
      rule: commaList.optional(),
      meaning: `Files of device types, separated by commas, with the ${places} and payloads of devices that have their own (\`${prefix.toLowerCase()}\`).`,
      example: '/etc/pusher/plug.yaml',
      otherwise: `all devices have the ${places} above and JSON payloads`,
    },
    [`${prefix}_DEVICES`]: {
      rule: z.string().min(1).optional(),
      meaning: 'YAML or JSON file of device id → type.',
      example: '/etc/pusher/devices.yaml',
      otherwise: `must be set with \`${prefix}_DEVICE_TYPES\``,
    },
  };
  return variables as unknown as DeviceTypeVariables<Prefix>;
}

export interface DeviceTypeFiles {
  /** Files of device types. */
  readonly types: readonly string[] | undefined;
  /** The file of device id → type. */
  readonly devices: string | undefined;
}

/**
 * Reads the rules for the devices of each type; undefined where no files are given.
 *
 * @throws ConfigurationError where a file is not valid, or one of the two variables is missing
 */
export function readDeviceTypeRules<Type extends DeviceTypeRules<object>>(
  protocol: Protocol,
  { types: paths = [], devices: path }: DeviceTypeFiles,
  logger: Logger,
): DeviceTypes<Type> | undefined {
  if (paths.length === 0 && path === undefined) return undefined;
  if (paths.length === 0 || path === undefined) {
    const [types, devices] = [`${protocol.toUpperCase()}_DEVICE_TYPES`, `${protocol.toUpperCase()}_DEVICES`];
    throw new ConfigurationError(
      `${types} and ${devices} belong together: set both; for example ${types}=plug.yaml ${devices}=devices.yaml`,
    );
  }
  const declared = paths.flatMap((each) =>
    readDeviceTypes(each, { onWarning: (warning) => logger.warn({}, warning) }),
  );
  const types = declared.flatMap(({ name, commands, ...type }) => {
    const given = type[protocol];
    if (given === undefined) return [];
    const { commands: rules = {}, ...ofType } = given as Partial<DeviceTypeRules<object>>;
    const ofCommands = Object.fromEntries(
      Object.keys(commands).map((command) => [command, rules[command] ?? {}]),
    );
    return [[name, { ...ofType, commands: { ...ofCommands, ...rules } } as Type] as const];
  });
  return { types: Object.fromEntries(types), typeOf: deviceTypesFromFile(path, { logger }) };
}
