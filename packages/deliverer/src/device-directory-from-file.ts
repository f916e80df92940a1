import type { Logger } from '@preservarium/backend';
import type { DeviceDirectory } from './device-directory.js';
import { addressProblem, withoutCredentials } from './device-directory-address.js';
import { deviceFile } from './device-file.js';

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
  const addresses = deviceFile({
    path,
    name: 'device directory',
    example: 'for example "device-7": "https://gateway.example/devices/7"',
    read(address) {
      if (typeof address !== 'string') return { problem: 'the address is not text' };
      const problem = addressProblem(address);
      if (problem === undefined) return { content: address };
      return { problem: `"${withoutCredentials(address)}" ${problem}` };
    },
    logger,
  });
  return (deviceId) => addresses().get(deviceId);
}
