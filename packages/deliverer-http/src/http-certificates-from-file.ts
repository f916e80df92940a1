import { assertTls, type Logger, type TlsNames } from '@preservarium/backend';
import { AuthenticationError } from '@preservarium/core';
import { deviceFile, entryOfDevice } from '@preservarium/deliverer';
import type { CertificateOfDevice, HttpCertificate } from './http-certificate.js';

const names: TlsNames = { ca: 'ca', cert: 'cert', key: 'key', passphrase: 'passphrase' };

/**
 * Returns the client certificates in a file: an object of device id → `cert` and `key`, PEM texts, and the `passphrase` of an encrypted key, in YAML or JSON.
 * An id with a last `*` is a prefix, as in `secretsFromFile`. A lookup notices within two seconds that the file has changed; a version that is not valid is
 * logged as an error, and the last good one stays in use. A certificate that has expired is an error of the deliveries to its devices.
 *
 * @throws ConfigurationError that names the file, the device and the problem but no secret, when the first version is not valid
 */
export function certificatesFromFile(
  path: string,
  { logger }: { readonly logger?: Logger } = {},
): CertificateOfDevice {
  const certificates = deviceFile<HttpCertificate>({
    path,
    name: 'certificates file',
    example:
      'for example "cam-*": {cert: "-----BEGIN CERTIFICATE-----…", key: "-----BEGIN PRIVATE KEY-----…"}',
    isSecret: true,
    read(value, deviceId) {
      const problem = certificateProblem(value);
      if (problem !== undefined) return { problem };
      const source = `device ${JSON.stringify(deviceId)} in the certificates file ${path}`;
      return { content: { ...(value as HttpCertificate), source } };
    },
    logger,
  });
  return (deviceId) => entryOfDevice(certificates(), deviceId);
}

function certificateProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'a certificate is an object with cert and key';
  const { cert, key, passphrase, ...others } = value as Partial<Record<string, string>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not one of cert, key and passphrase`;
  if (cert === undefined || key === undefined) return 'cert and key must both be there';
  try {
    assertTls({ cert, key, ...(passphrase !== undefined && { passphrase }) }, names);
    return undefined;
  } catch (error) {
    // The other devices have theirs; a connection says that this one has expired.
    if (AuthenticationError.isInstance(error)) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}
