import { readTls, type TlsSource } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import {
  compileRequestTypes,
  type DeviceDirectory,
  type FormatCommand,
  type RequestDeviceTypes,
} from '@preservarium/deliverer';
import { createAuthorization } from './http-authorization.js';
import type { CertificateOfDevice } from './http-certificate.js';
import type { LoginOfDevice } from './http-login.js';
import { type SecretsOfDevice, secretsOf } from './http-secrets.js';

export interface HttpDelivererOptions {
  /** Where each device is: an `http:` or `https:` base URL. Nothing outside it is ever called. */
  readonly directory: DeviceDirectory;
  /** Evidence of a 2xx: `gateway` (default), or `device` if the URLs are those of the devices. */
  readonly evidence?: 'gateway' | 'device';
  /** Where devices report their settings by themselves, with `POST /settings/{deviceId}`. Default: nowhere. */
  readonly listen?: HttpListenOptions;
  /** Makes the body. Default: JSON of the payload. */
  readonly formatCommand?: FormatCommand;
  /** Devices with paths and payloads of their own. They answer in their responses; these count for more than `formatCommand`. Default: none. */
  readonly deviceTypes?: RequestDeviceTypes;
  /**
   * Signs each request (see `verifySignature`): `whsec_` and 24 to 64 bytes in base64. Several while a new one takes the place
   * of an old one: a receiver that knows any of them is satisfied. Requests to `listen` must be signed with one, too. A function gives the
   * secrets of a device, `secretsFromFile` has them in a file: with a secret of its own, no device speaks for another one. Default: requests are
   * not signed.
   */
  readonly secret?: string | readonly string[] | SecretsOfDevice;
  /**
   * The login of each device: Basic, Digest or Bearer; `loginsFromFile` has them in a file. Each is sent to the base URL of its device alone. Default: none.
   */
  readonly loginOf?: LoginOfDevice;
  /**
   * The client certificate of each device, in place of that of `tls`; `certificatesFromFile` has them in a file. Devices with one certificate share
   * connections to a host, others do not. Default: that of `tls` for all.
   */
  readonly certificateOf?: CertificateOfDevice;
  /** Deadline for a delivery, from the directory to the last byte of the answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /** Authorities and client certificate for `https:`. Default: the system's authorities, no certificate. */
  readonly tls?: TlsSource;
  /**
   * Connections kept to a host, each for one request at a time. At least as many as deliveries run side by side, where they go
   * through one gateway: silent devices occupy theirs until the deadline. Default 128.
   */
  readonly connectionsPerOrigin?: number;
  /** Hosts to which idle connections are kept. Default 1,024. */
  readonly maxOrigins?: number;
}

export interface HttpListenOptions {
  /** Default `0.0.0.0`; `::` takes IPv6 and IPv4. */
  readonly host?: string;
  /** TCP port. */
  readonly port: number;
}

/** The settings with defaults. @throws ConfigurationError that names the setting, the problem and an example */
export function readOptions(settings: HttpDelivererOptions) {
  const { tls = {}, listen } = settings;
  readTls(tls);
  return {
    directory: settings.directory,
    evidence: settings.evidence ?? 'gateway',
    formatCommand: settings.formatCommand ?? (() => undefined),
    wireOf: compileRequestTypes('http', settings.deviceTypes),
    secretsOf: secretsOf(settings.secret),
    authorization: createAuthorization(settings.loginOf),
    certificateOf: settings.certificateOf ?? (() => undefined),
    listen: listen && {
      host: listen.host ?? '0.0.0.0',
      port: positive('listen.port', listen.port, 8070, 65_535),
      secretsOf: secretsOf(settings.secret),
    },
    timeoutMs: positive('timeoutMs', settings.timeoutMs, 10_000),
    tls,
    connectionsPerOrigin: positive('connectionsPerOrigin', settings.connectionsPerOrigin, 128),
    maxOrigins: positive('maxOrigins', settings.maxOrigins, 1_024),
  };
}

export type CompleteOptions = ReturnType<typeof readOptions>;
export type CompleteHttpListenOptions = NonNullable<CompleteOptions['listen']>;

function positive(
  name: string,
  value: number | undefined,
  otherwise: number,
  limit = Number.MAX_SAFE_INTEGER,
): number {
  if (value === undefined) return otherwise;
  if (Number.isSafeInteger(value) && value > 0 && value <= limit) return value;
  throw new ConfigurationError(`${name}: ${value} is not a positive whole number; for example ${otherwise}`);
}
