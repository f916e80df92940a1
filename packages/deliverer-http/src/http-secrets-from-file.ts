import type { Logger } from '@preservarium/backend';
import { deviceFile, entryOfDevice } from '@preservarium/deliverer';
import { readSecrets, type SecretsOfDevice } from './http-secrets.js';

/**
 * Returns the secrets in a file: an object of device id → secret or list of secrets, in YAML or JSON. An id with a last `*` is a prefix, and `*`
 * alone is all devices; an id itself goes before a prefix, a longer prefix before a shorter one. A lookup notices within two seconds that the
 * file has changed; a version that is not valid is logged as an error, and the last good one stays in use.
 *
 * @throws ConfigurationError that names the file, the device and the problem but no secret, when the first version is not valid
 */
export function secretsFromFile(
  path: string,
  { logger }: { readonly logger?: Logger } = {},
): SecretsOfDevice {
  const secrets = deviceFile({
    path,
    name: 'secrets file',
    example: 'for example "device-7": "whsec_…", or "greenhouse-*": "whsec_…"',
    isSecret: true,
    read(value) {
      const texts = [value].flat();
      if (texts.length === 0) return { problem: 'there is no secret' };
      try {
        readSecrets(texts.map(String));
        return { content: texts.map(String) };
      } catch {
        return { problem: 'a secret is not whsec_ and 24 to 64 bytes in base64' };
      }
    },
    logger,
  });

  return (deviceId) => entryOfDevice(secrets(), deviceId);
}
