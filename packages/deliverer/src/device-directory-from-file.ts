import { readFileSync } from 'node:fs';
import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { watchedFile } from '@preservarium/environment';
import { parse } from 'yaml';
import type { DeviceDirectory } from './device-directory.js';
import { addressProblem } from './device-directory-address.js';

type Addresses = ReadonlyMap<string, string>;

const example = 'for example "device-7": "https://gateway.example/devices/7"';

/**
 * A directory in a file: an object of device id → address, in YAML or JSON. A lookup notices within two seconds that the file
 * has changed; a version that is not valid is logged as an error, and the last good one stays in use. Write the file whole: to another
 * name, then rename it.
 *
 * @throws ConfigurationError that names the file, the device and the problem, when the first version is not valid
 */
export function directoryFromFile(
  path: string,
  { logger }: { readonly logger?: Logger } = {},
): DeviceDirectory {
  const addresses = watchedFile({ path, name: 'device directory', read: readAddresses, logger });
  return (deviceId) => addresses().get(deviceId);
}

function readAddresses(path: string): Addresses {
  const content = readContent(path);
  if (!(content instanceof Map)) throw invalid(path, 'is not an object of device id → address');
  for (const [deviceId, address] of content) {
    const problem = entryProblem(deviceId, address);
    if (problem !== undefined) throw invalid(path, `device ${JSON.stringify(deviceId)}: ${problem}`);
  }
  return content;
}

/** All scalars as text: YAML would else read the device `007` as a number. */
function readContent(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'), { schema: 'failsafe', mapAsMap: true });
  } catch (cause) {
    throw invalid(path, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function entryProblem(deviceId: unknown, address: unknown): string | undefined {
  if (typeof deviceId !== 'string' || deviceId === '') return 'the device id is not text';
  if (typeof address !== 'string') return 'the address is not text';
  const problem = addressProblem(address);
  return problem === undefined ? undefined : `"${address}" ${problem}`;
}

function invalid(path: string, problem: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`device directory ${path}: ${problem}; ${example}`, { cause });
}
