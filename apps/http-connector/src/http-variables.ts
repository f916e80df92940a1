import { deviceTypeVariables } from '@preservarium/connector-process';
import { oneOf, tlsVariables, type Variables, wholeNumber } from '@preservarium/environment';
import { z } from 'zod';

/** The variables of the HTTP side. `docs/configuration.md` has the same list. */
export const httpVariables = {
  HTTP_DEVICE_DIRECTORY: {
    rule: z.string(),
    meaning:
      'Addresses of devices: a template with `{deviceId}`, or a YAML or JSON file of device id → base URL.',
    example: '/run/secrets/http-device-directory',
    valueExample: 'https://gateway.example/devices/{deviceId}',
    otherwise: 'must be set',
    file: true,
  },
  HTTP_SIGNING_SECRET: {
    rule: z
      .string()
      .transform((text) => text.split(/[\s,]+/))
      .optional(),
    meaning:
      'Signs each request: `whsec_` and 24 to 64 bytes in base64; several, separated by commas, while one replaces another.',
    example: '/run/secrets/http-signing-secret',
    otherwise: 'requests are not signed',
    file: true,
    secret: true,
  },
  HTTP_SIGNING_SECRETS: {
    rule: z.string().optional(),
    meaning:
      'YAML or JSON file of device id → secret, or list of secrets, in place of `HTTP_SIGNING_SECRET`; an id with a last `*` is a prefix.',
    example: '/run/secrets/http-signing-secrets.yaml',
    otherwise: 'one secret for all devices',
  },
  HTTP_LOGINS: {
    rule: z.string().optional(),
    meaning:
      'YAML or JSON file of device id → login, an object with `scheme` `basic` or `digest`, `username` and `password`, or `scheme` `bearer` and `token`; an id with a last `*` is a prefix.',
    example: '/run/secrets/http-logins.yaml',
    otherwise: 'requests have no login',
  },
  HTTP_CERTIFICATES: {
    rule: z.string().optional(),
    meaning:
      'YAML or JSON file of device id → client certificate, an object with `cert` and `key`, PEM texts, and `passphrase` if the key is encrypted, in place of `HTTP_CERT` and `HTTP_KEY`; an id with a last `*` is a prefix.',
    example: '/run/secrets/http-certificates.yaml',
    otherwise: 'that of `HTTP_CERT`, or none',
  },
  HTTP_EVIDENCE: {
    rule: oneOf(['gateway', 'device']).default('gateway'),
    meaning: 'Evidence of a 2xx: a `gateway` has the command, or the `device` itself.',
    example: 'device',
    otherwise: '`gateway`',
  },
  ...tlsVariables('HTTP', 'http'),
  HTTP_LISTEN_PORT: {
    rule: wholeNumber(1, 65_535).optional(),
    meaning: 'TCP port where devices report their settings.',
    example: '8070',
    otherwise: 'they report in their answers only',
  },
  HTTP_LISTEN_HOST: {
    rule: z.string().default('0.0.0.0'),
    meaning: 'Address of that port; `::` takes IPv6 and IPv4.',
    example: '::',
    otherwise: '`0.0.0.0`',
  },
  HTTP_CONNECTIONS_PER_HOST: {
    rule: wholeNumber(1, 65_535).default(128),
    meaning: 'Connections kept to a host, each for one delivery at a time.',
    example: '1000',
    otherwise: '`128`',
  },
  ...deviceTypeVariables('HTTP', 'paths'),
} as const satisfies Variables;

/** Which of them says what the deliverer's settings call so. */
export const variableOf = {
  directory: 'HTTP_DEVICE_DIRECTORY',
  secret: 'HTTP_SIGNING_SECRET',
  loginOf: 'HTTP_LOGINS',
  certificateOf: 'HTTP_CERTIFICATES',
  tls: 'HTTP_CA',
  listen: 'HTTP_LISTEN_PORT',
  deviceTypes: 'HTTP_DEVICE_TYPES',
} as const;
