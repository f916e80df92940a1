import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { readTextFile, watchedFile } from '@preservarium/environment';
import { parse } from 'yaml';
import type { DeviceTypeDirectory } from './capabilities.js';

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
): DeviceTypeDirectory {
  const typeNames = watchedFile({ path, name: 'device types', read: readTypeNames, logger });
  return (deviceId) => typeNames().get(deviceId);
}

function readTypeNames(path: string): ReadonlyMap<string, string> {
  const content = readContent(path);
  if (!(content instanceof Map)) throw invalid(path, 'is not an object of device id → type');
  for (const [deviceId, typeName] of content) {
    if (typeof deviceId !== 'string' || deviceId === '') throw invalid(path, 'a device id is not text');
    if (typeof typeName !== 'string' || typeName === '') {
      throw invalid(path, `device ${JSON.stringify(deviceId)}: its type is not text`);
    }
  }
  return content;
}

/** All scalars as text: YAML would else read the device `007` as a number. */
function readContent(path: string): unknown {
  try {
    return parse(readTextFile(path), { schema: 'failsafe', mapAsMap: true });
  } catch (cause) {
    throw invalid(path, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function invalid(path: string, problem: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`device types ${path}: ${problem}; ${example}`, { cause });
}
