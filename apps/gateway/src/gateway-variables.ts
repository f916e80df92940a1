import { storeVariables } from '@preservarium/command-line/application';
import { commaList, oneOf, type Variables, webAddress, wholeNumber } from '@preservarium/environment';
import { z } from 'zod';

/** The variables of the gateway. `docs/configuration.md` has the same list. */
export const gatewayVariables = {
  GATEWAY_PORT: {
    rule: wholeNumber(0, 65_535).default(8000),
    meaning: 'TCP port of the API; `0` takes a free one.',
    example: '8443',
    otherwise: '`8000`',
    aliases: ['API_PORT'],
  },
  GATEWAY_HOST: {
    rule: z.string().min(1).default('127.0.0.1'),
    meaning: 'Address of that port: `0.0.0.0` where clients of other machines ask.',
    example: '0.0.0.0',
    otherwise: '`127.0.0.1`',
    aliases: ['API_HOST'],
  },
  COMMAND_STORE_URL: {
    ...storeVariables.COMMAND_STORE_URL,
    rule: storeVariables.COMMAND_STORE_URL.rule.default('sqlite:gateway.sqlite'),
    meaning: 'The command store: `sqlite:PATH`, or `postgres://…` where several gateways share the work.',
    otherwise: '`sqlite:gateway.sqlite`',
  },
  GATEWAY_CONNECTOR_GROUPS: {
    rule: z
      .string()
      .default(['mqtt', 'coap', 'http'].map((name) => `${name}=pusher_connector_${name}`).join(','))
      .transform((text) => text.split(',').map((pair) => pair.trim().split('=', 2)))
      .pipe(z.array(z.tuple([z.string().min(1), z.string().min(1)], 'must be a list of protocol=group')))
      .transform((pairs) => pairs.map(([protocol, groupId]) => ({ protocol, groupId }))),
    meaning:
      'Consumer groups of the connectors, whose lag the overview has: `protocol=group`, separated by commas.',
    example: 'mqtt=lamps,coap=pusher_connector_coap',
    otherwise: '`pusher_connector_` and the protocol, for `mqtt`, `coap` and `http`',
  },
  GATEWAY_KEYS: {
    rule: z.string().min(1).optional(),
    meaning:
      'File of API keys, which `pusher keys create` writes. Without keys and issuer, the gateway listens on a loopback address only.',
    example: '/etc/pusher/keys.yaml',
    otherwise: 'no API keys',
  },
  GATEWAY_POLICY: {
    rule: z.string().min(1).optional(),
    meaning: 'File of the policy: who may do what. `pusher policy test` explains it.',
    example: '/etc/pusher/policy.yaml',
    otherwise: 'every caller may do everything',
  },
  GATEWAY_DEVICE_TYPES: {
    rule: commaList.optional(),
    meaning:
      'Files of device types, separated by commas: commands and settings that a device does not have are refused.',
    example: '/etc/pusher/lamp.yaml',
    otherwise: 'commands and settings of any form are pushed',
  },
  GATEWAY_DEVICES: {
    rule: z.string().min(1).optional(),
    meaning: 'File of device id → type. A device that is not in it is refused where there are device types.',
    example: '/etc/pusher/devices.yaml',
    otherwise: 'no device has a type',
  },
  GATEWAY_OIDC_ISSUER: {
    rule: webAddress.optional(),
    meaning: 'Issuer of OpenID Connect whose tokens are taken, as `iss` has it.',
    example: 'https://login.example/realms/iot',
    otherwise: 'no tokens are taken',
  },
  GATEWAY_OIDC_AUDIENCE: {
    rule: z.string().min(1).optional(),
    meaning: '`aud` of those tokens.',
    example: 'pusher',
    otherwise: 'must be set with the issuer',
  },
  GATEWAY_OIDC_JWKS_URL: {
    rule: webAddress.optional(),
    meaning: 'URL of the keys of that issuer.',
    example: 'https://login.example/realms/iot/certs',
    otherwise: 'the `jwks_uri` of its `/.well-known/openid-configuration`',
  },
  API_KEYS: {
    rule: commaList.optional(),
    meaning:
      'API keys of the original API, separated by commas. Better is the file of `GATEWAY_KEYS`, which has hashes only.',
    example: '/run/secrets/api-keys',
    otherwise: 'none',
    file: true,
    secret: true,
  },
  CORS_ORIGINS: {
    rule: commaList.default([]),
    meaning: 'Origins whose pages may use the API from a browser, separated by commas; `*` is any.',
    example: 'https://app.example',
    otherwise: 'none',
  },
  GATEWAY_REQUESTS_PER_SECOND: {
    rule: wholeNumber(1, 10_000_000).default(1_000),
    meaning:
      'Requests of one caller in a second, at most. Each line of a batch is one: at the limit, the gateway reads the batch more slowly.',
    example: '50',
    otherwise: '`1000`',
  },
  GATEWAY_MAX_BODY_BYTES: {
    rule: wholeNumber(1, 100_000_000).default(1_048_576),
    meaning: 'Largest body of a request, in bytes.',
    example: '65536',
    otherwise: '`1048576`',
  },
  GATEWAY_MAX_CONNECTIONS: {
    rule: wholeNumber(1, 1_000_000).default(10_000),
    meaning: 'Connections at the same time, at most; one more is closed at once.',
    example: '2000',
    otherwise: '`10000`',
  },
  GATEWAY_PUSH_TIMEOUT_MS: {
    rule: wholeNumber(1, 2 ** 31 - 1).default(10_000),
    meaning: 'Deadline for Kafka to acknowledge a push, in milliseconds.',
    example: '5000',
    otherwise: '`10000`',
  },
  GATEWAY_START_TIMEOUT_MS: {
    rule: wholeNumber(1, 2 ** 31 - 1).default(30_000),
    meaning: 'Deadline for connecting to Kafka and the command store at the start, in milliseconds.',
    example: '60000',
    otherwise: '`30000`',
  },
  GATEWAY_SHUTDOWN_TIMEOUT_MS: {
    rule: wholeNumber(1, 2 ** 31 - 1).default(25_000),
    meaning: 'Deadline for the requests in flight after SIGTERM or Ctrl-C, in milliseconds.',
    example: '8000',
    otherwise: '`25000`',
  },
  LOG_LEVEL: {
    rule: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    meaning: 'Lowest level of log lines: `debug`, `info`, `warn`, `error` or `silent`.',
    example: 'debug',
    otherwise: '`info`',
  },
} as const satisfies Variables;
