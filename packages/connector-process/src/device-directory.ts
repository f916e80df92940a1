import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { type DeviceDirectory, directoryFromFile, directoryFromTemplate } from '@preservarium/deliverer';

/**
 * The directory that is meant by a template with `{deviceId}` in it, or by the path of a file.
 *
 * @throws ConfigurationError that begins with `directory`
 */
export function readDeviceDirectory(text: string, logger: Logger): DeviceDirectory {
  try {
    // An address without {deviceId} is a mistake, and no message may have what it holds as the path of a file.
    const isTemplate = text.includes('{') || text.includes('://');
    return isTemplate ? directoryFromTemplate(text) : directoryFromFile(text, { logger });
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    throw new ConfigurationError(`directory: ${error.message}`, { cause: error });
  }
}
