import type { Logger } from '@preservarium/backend';
import {
  type Capabilities,
  createCapabilities,
  type DeviceType,
  deviceTypesFromFile,
  type ListedDeviceTypes,
  readDeviceTypes,
} from '@preservarium/capabilities';
import { ConfigurationError } from '@preservarium/core';
import type { GatewayOptions } from './read-options.js';

export interface OpenDeviceTypes {
  readonly deviceTypes: readonly DeviceType[];
  readonly directory: ListedDeviceTypes;
  /** Undefined where no types are declared: anything may be pushed. */
  readonly capabilities: Capabilities | undefined;
}

const emptyDirectory: ListedDeviceTypes = Object.assign(() => undefined, { deviceIds: () => [] });

/**
 * Reads the types of devices and the directory of devices.
 *
 * @throws ConfigurationError where a file is not valid, or there are types and no directory
 */
export function openDeviceTypes(
  { GATEWAY_DEVICE_TYPES: paths = [], GATEWAY_DEVICES: path }: GatewayOptions['gateway'],
  logger: Logger,
): OpenDeviceTypes {
  const directory = path === undefined ? emptyDirectory : deviceTypesFromFile(path, { logger });
  if (paths.length === 0) return { deviceTypes: [], directory, capabilities: undefined };
  if (path === undefined) {
    throw new ConfigurationError(
      'GATEWAY_DEVICE_TYPES is set and GATEWAY_DEVICES is not: no device would have a type; for example GATEWAY_DEVICES=devices.yaml',
    );
  }
  const deviceTypes = paths.flatMap((each) =>
    readDeviceTypes(each, { onWarning: (warning) => logger.warn({}, warning) }),
  );
  return {
    deviceTypes,
    directory,
    capabilities: createCapabilities({ types: deviceTypes, typeOf: directory }),
  };
}
