import { storeVariables } from '@preservarium/command-line/application';
import { oneOf, type Variables, wholeNumber } from '@preservarium/environment';
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
