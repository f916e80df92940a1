import { oneOf, type Variables, wholeNumber } from '@preservarium/environment';
import { z } from 'zod';
import { duration } from './duration.js';
import { startFrom } from './start-from.js';

const anyTimeoutMs = wholeNumber(1, 2 ** 31 - 1);

/** The variables of every connector. `docs/configuration.md` has the same list. */
export const connectorVariables = {
  CONNECTOR_GROUP_ID: {
    rule: z.string().optional(),
    meaning: 'Consumer group; connectors of one group share the devices.',
    example: 'greenhouse-mqtt',
    otherwise: '`pusher_connector_` and the protocol',
  },
  CONNECTOR_INSTANCE_ID: {
    rule: z.string().min(1).max(249).optional(),
    meaning:
      'Name of this connector, which no other one of the group has, where a restart within 10 s is to make no rebalance. Only with the backend rdkafka.',
    example: 'mqtt-1',
    otherwise: 'none, every restart makes a rebalance',
  },
  CONNECTOR_FROM: {
    rule: startFrom.default({ lastMs: 3_600_000 }),
    meaning:
      'Start of a new group: the `beginning` of the topic, its `end`, or how far back, for example `30m`, `1h` or `7d`. It is decided once; later the group goes on where it was.',
    example: 'beginning',
    otherwise: '`1h`',
  },
  CONNECTOR_HONO_TENANT: {
    rule: z
      .string()
      .regex(/^[\w.-]{1,200}$/, 'must be 1 to 200 letters, digits, dots, hyphens and underscores')
      .optional(),
    meaning:
      'Tenant of Eclipse Hono whose commands the connector takes, from `hono.command.` and the tenant in place of `DEVICE_COMMAND_TOPIC`; it writes the responses. Settings are not brought to devices then.',
    example: 'greenhouse',
    otherwise: 'commands are not in the format of Hono',
  },
  CONNECTOR_MAX_ATTEMPTS: {
    rule: wholeNumber(1, 1_000).default(5),
    meaning: 'Attempts until the connector gives a command up, or defers it if its device is unreachable.',
    example: '3',
    otherwise: '`5`',
  },
  CONNECTOR_MAX_WAIT_SECONDS: {
    rule: wholeNumber(1, 366 * 24 * 3600).default(7 * 24 * 3600),
    meaning: 'Longest time that a command may wait for its device, in seconds.',
    example: '86400',
    otherwise: '`604800`, 7 days',
  },
  CONNECTOR_MAX_DOWNTIME: {
    rule: duration('30d').default(30 * 24 * 3_600_000),
    meaning:
      'Longest time without a connector of the group after which no command that waits may be lost, for example `12h` or `30d`. The waiting topic must keep records for so long and `CONNECTOR_MAX_WAIT_SECONDS`.',
    example: '60d',
    otherwise: '`30d`',
  },
  CONNECTOR_STATE_DIR: {
    rule: z.string().min(1).optional(),
    meaning:
      'Directory for the commands that wait for their devices and for the settings of all devices, below it one for each group and host name. A connector with such a directory starts without reading all of them from Kafka, and holds as many commands as the disk.',
    example: '/var/lib/pusher',
    otherwise: 'memory, 100,000 commands at most',
  },
  CONNECTOR_MAX_STORE_BYTES: {
    rule: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(8 * 1024 ** 3),
    meaning:
      'Size of the files in `CONNECTOR_STATE_DIR`, in bytes. Settings take half of it at most: beyond, those of new devices are not kept. Commands take the rest: beyond, they stay in their topic until others end.',
    example: '1073741824',
    otherwise: '`8589934592`, 8 GiB',
  },
  CONNECTOR_EVIDENCE: {
    rule: oneOf(['gateway', 'device', 'executed']).optional(),
    meaning:
      'Evidence that ends commands that name none: `gateway`, `device` (the device acknowledged it) or `executed` (the device reported the result).',
    example: 'executed',
    otherwise: 'what the protocol proves by itself',
  },
  CONNECTOR_ANSWER_WITHIN_MS: {
    rule: anyTimeoutMs.default(30_000),
    meaning:
      'Time of a device to answer an attempt, in milliseconds, where the required evidence is more than that of the attempt. Then the command is sent again.',
    example: '5000',
    otherwise: '`30000`',
  },
  CONNECTOR_PRESENCE: {
    rule: oneOf(['off', 'observe', 'require']).default('observe'),
    meaning:
      'Use of what devices say of their presence, where the protocol has it: `off`, `observe` (a device that says that it is there is tried at once) or `require` (nothing is sent to a device that says that it is away).',
    example: 'require',
    otherwise: '`observe`',
  },
  CONNECTOR_WAKE_RATE: {
    rule: wholeNumber(1, 1_000_000).default(1_000),
    meaning:
      'Devices a second whose waiting commands are taken up, those that wait longest first; for devices that come back together.',
    example: '200',
    otherwise: '`1000`',
  },
  CONNECTOR_MAX_CONCURRENT_DELIVERIES: {
    rule: wholeNumber(1, 100_000).default(1_000),
    meaning: 'Devices with a delivery in flight, at most.',
    example: '200',
    otherwise: '`1000`',
  },
  CONNECTOR_DELIVERY_TIMEOUT_MS: {
    rule: anyTimeoutMs.default(10_000),
    meaning: 'Deadline for one attempt, in milliseconds.',
    example: '5000',
    otherwise: '`10000`',
  },
  CONNECTOR_START_TIMEOUT_MS: {
    rule: anyTimeoutMs.default(30_000),
    meaning: 'Deadline for connecting to Kafka and the device side at the start, in milliseconds.',
    example: '60000',
    otherwise: '`30000`',
  },
  CONNECTOR_SHUTDOWN_TIMEOUT_MS: {
    rule: anyTimeoutMs.default(25_000),
    meaning: 'Deadline for the deliveries in flight after SIGTERM or Ctrl-C, in milliseconds.',
    example: '8000',
    otherwise: '`25000`',
  },
  CONNECTOR_SETTINGS: {
    rule: oneOf(['on', 'off']).default('on'),
    meaning: 'Brings desired settings to devices: `on` or `off`.',
    example: 'off',
    otherwise: '`on`',
  },
  CONNECTOR_SIGNATURES: {
    rule: oneOf(['off', 'report', 'enforce']).default('off'),
    meaning:
      'Signatures that commands, cancellations and redrives need: `off` (none), `report` (what is not signed is counted, logged and delivered) or `enforce` (it becomes a dead letter).',
    example: 'enforce',
    otherwise: '`off`',
  },
  CONNECTOR_TRUSTED_KEYS: {
    rule: z.string().min(1).optional(),
    meaning:
      'File of the keys that may sign, which `pusher signing create` writes, and of those that are denied.',
    example: '/etc/pusher/trusted-keys.yaml',
    otherwise: 'must be set with signatures',
  },
  CONNECTOR_POLICY: {
    rule: z.string().min(1).optional(),
    meaning:
      'File of the policy, that of the gateway: what the issuer of a key may push, cancel and send again.',
    example: '/etc/pusher/policy.yaml',
    otherwise: 'every trusted key may do everything',
  },
  CONNECTOR_DEVICES: {
    rule: z.string().min(1).optional(),
    meaning: 'File of device id → type, for rules of the policy that name types.',
    example: '/etc/pusher/devices.yaml',
    otherwise: 'no device has a type',
  },
  HEALTH_PORT: {
    rule: wholeNumber(0, 65_535).default(8080),
    meaning: 'TCP port of `/healthz`, `/readyz` and `/metrics`; `0` takes a free one.',
    example: '8081',
    otherwise: '`8080`',
  },
  HEALTH_HOST: {
    rule: z.string().min(1).default('127.0.0.1'),
    meaning: 'Address of that port: `0.0.0.0` in a container, where an orchestrator asks from outside.',
    example: '0.0.0.0',
    otherwise: '`127.0.0.1`; `0.0.0.0` in the images',
  },
  LOG_LEVEL: {
    rule: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    meaning: 'Lowest level of log lines: `debug`, `info`, `warn`, `error` or `silent`.',
    example: 'debug',
    otherwise: '`info`',
  },
} as const satisfies Variables;
