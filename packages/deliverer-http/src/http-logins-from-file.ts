import type { Logger } from '@preservarium/backend';
import { deviceFile, entryOfDevice } from '@preservarium/deliverer';
import { type HttpLogin, type LoginOfDevice, loginProblem } from './http-login.js';

/**
 * Returns the logins in a file: an object of device id → login, in YAML or JSON. An id with a last `*` is a prefix, as in `secretsFromFile`. A lookup
 * notices within two seconds that the file has changed; a version that is not valid is logged as an error, and the last good one stays in use.
 *
 * @throws ConfigurationError that names the file, the device and the problem but no secret, when the first version is not valid
 */
export function loginsFromFile(path: string, { logger }: { readonly logger?: Logger } = {}): LoginOfDevice {
  const logins = deviceFile<HttpLogin>({
    path,
    name: 'logins file',
    example: 'for example "cam-*": {scheme: digest, username: admin, password: …}',
    isSecret: true,
    read(value) {
      const problem = loginProblem(value);
      return problem === undefined ? { content: value as HttpLogin } : { problem };
    },
    logger,
  });
  return (deviceId) => entryOfDevice(logins(), deviceId);
}
