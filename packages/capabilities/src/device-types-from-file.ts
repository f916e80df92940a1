import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { readDataFile, watchedFile } from '@preservarium/environment';
import type { DeviceTypeDirectory } from './capabilities.js';

/** A directory that knows its devices. */
export type ListedDeviceTypes = DeviceTypeDirectory & {
  /** Returns the ids of all devices, in no order. */
  deviceIds(): Iterable<string>;
};

const example = 'for example "device-7": "lamp"';

/**
 * A directory in a file: an object of device id → name of its type, in YAML or JSON. A lookup notices within two seconds that the
 * file has changed; a version that is not valid is logged as an error, and the last good one stays in use. Write the file whole: to
 * another name, then rename it.
 *
 * @throws ConfigurationError that names the file, the device and the problem, when the first version is not valid
 */
export function deviceTypesFromFile(
  path: string,
  { logger }: { readonly logger?: Logger } = {},
): ListedDeviceTypes {
  const typeNames = watchedFile({ path, name: 'device types', read: readTypeNames, logger });
  const typeOf = (deviceId: string) => typeNames().get(deviceId);
  return Object.assign(typeOf, { deviceIds: () => typeNames().keys() });
}

function readTypeNames(path: string): ReadonlyMap<string, string> {
  const content = readContent(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid(path, 'is not an object of device id → type');
  }
  const typeNames = new Map<string, string>();
  for (const [deviceId, typeName] of Object.entries(content)) {
    if (deviceId === '') throw invalid(path, 'a device id is not text');
    if (typeof typeName !== 'string' || typeName === '') {
      throw invalid(path, `device ${JSON.stringify(deviceId)}: its type is not text`);
    }
    typeNames.set(deviceId, typeName);
  }
  return typeNames;
}

function readContent(path: string): unknown {
  try {
    return readDataFile(path, { textOnly: true });
  } catch (cause) {
    throw invalid(path, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function invalid(path: string, problem: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`device types ${path}: ${problem}; ${example}`, { cause });
}
