import { ConfigurationError, PusherError } from '@preservarium/core';
import { readDataFile } from '@preservarium/environment';
import { compileDeviceType } from './compile-device-type.js';
import type { DeviceType } from './device-type.js';
import { readPlainForm } from './plain-form/read-plain-form.js';
import {
  isThingDescription,
  readThingDescription,
  thingDescriptionNames,
} from './thing-description/read-thing-description.js';

/**
 * Reads a file, JSON or YAML: a W3C Thing Description 1.1, which is one type, or the plain form `{ types: { … } }`. All
 * schemas are checked.
 *
 * @throws ConfigurationError that names the file, the place and what is allowed there
 */
export function readDeviceTypes(path: string): DeviceType[] {
  try {
    const content = readDataFile(path);
    if (isThingDescription(content)) {
      const type = readThingDescription(content);
      compileDeviceType(type, thingDescriptionNames);
      return [type];
    }
    const types = readPlainForm(content);
    for (const type of types) compileDeviceType(type);
    return types;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const problem = PusherError.isInstance(cause) ? message : `cannot be read: ${message}`;
    throw new ConfigurationError(`capabilities ${path}: ${problem}`, { cause });
  }
}
