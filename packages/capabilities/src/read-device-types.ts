import { ConfigurationError, formatPath, PusherError } from '@preservarium/core';
import { readDataFile } from '@preservarium/environment';
import { compileDeviceType } from './compile-device-type.js';
import type { DeviceType } from './device-type.js';
import { readPlainForm } from './plain-form/read-plain-form.js';
import type { WarnOfTerm } from './read-schema.js';
import {
  isThingDescription,
  readThingDescription,
  thingDescriptionNames,
} from './thing-description/read-thing-description.js';

/** Warnings about a file; of others it has the number. */
const maxWarnings = 100;

export interface ReadDeviceTypesOptions {
  readonly strict?: boolean;
  readonly onWarning?: (warning: string) => void;
}

/**
 * Reads a file, JSON or YAML: a W3C Thing Description 1.1, which is one type, or the plain form `{ types: { … } }`. All
 * schemas are checked. Terms that are no keywords of JSON Schema are ignored.
 *
 * @param options.onWarning called with each term that is ignored, and its place, up to 100, then with the number of the others. Default: warnings are dropped
 * @param options.strict true: a term that would be ignored is an error, and so is a keyword without the `type` that it is for. Default `false`
 * @throws ConfigurationError that names the file, the place and what is allowed there
 */
export function readDeviceTypes(
  path: string,
  { strict: isStrict = false, onWarning }: ReadDeviceTypesOptions = {},
): DeviceType[] {
  let warnings = 0;
  const warn: WarnOfTerm = (place, explain) => {
    warnings++;
    if (warnings <= maxWarnings) onWarning?.(`capabilities ${path}: ${formatPath(place)}: ${explain()}`);
  };
  try {
    const types = readTypes(readDataFile(path), isStrict, isStrict ? undefined : warn);
    if (warnings > maxWarnings)
      onWarning?.(`capabilities ${path}: and ${warnings - maxWarnings} more warnings`);
    return types;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const problem = PusherError.isInstance(cause) ? message : `cannot be read: ${message}`;
    throw new ConfigurationError(`capabilities ${path}: ${problem}`, { cause });
  }
}

function readTypes(content: unknown, isStrict: boolean, warn: WarnOfTerm | undefined): DeviceType[] {
  if (isThingDescription(content)) {
    const type = readThingDescription(content, warn);
    compileDeviceType(type, { names: thingDescriptionNames, isStrict });
    return [type];
  }
  const types = readPlainForm(content, warn);
  for (const type of types) compileDeviceType(type, { isStrict });
  return types;
}
