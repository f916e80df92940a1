import { ConfigurationError } from '@preservarium/core';

/** Gives the secrets of a device; undefined or an empty list for a device without one. */
export type SecretsOfDevice = (deviceId: string) => string | readonly string[] | undefined;

/** Secrets of devices as bytes. */
export type ReadSecretsOfDevice = (deviceId: string) => readonly Buffer[];

/** @throws ConfigurationError that says how to make a secret */
export function readSecrets(secret: string | readonly string[] = []): Buffer[] {
  return [secret].flat().map((text) => {
    const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (key.length >= 24 && key.length <= 64) return key;
    throw new ConfigurationError(
      'secret: must be whsec_ and 24 to 64 bytes in base64; make one with: echo "whsec_$(openssl rand -base64 32)"',
    );
  });
}

/**
 * Returns the secrets of each device, or undefined where requests are not signed at all.
 *
 * @throws ConfigurationError for a secret of all devices that is not one
 */
export function secretsOf(
  secret: string | readonly string[] | SecretsOfDevice | undefined,
): ReadSecretsOfDevice | undefined {
  if (typeof secret === 'function') return (deviceId) => readSecrets(secret(deviceId));
  const ofAll = readSecrets(secret);
  return ofAll.length === 0 ? undefined : () => ofAll;
}
