import { parseArgs } from 'node:util';

export const usage = `Kills, freezes and restarts connectors, pushers and brokers at random while devices are pushed to, then counts what was lost, reversed or
repeated, from the devices' own records and from Kafka.

Usage: npm run chaos -- [options]

  --minutes N                  how long faults are made (default 1)
  --seed S                     whole number from which all is drawn (default 1)
  --backend kafkajs|rdkafka    Kafka client of connectors and pushers (default kafkajs)
  --brokers 1|3                brokers of the cluster; with 3, one at a time fails (default 1)
  --connectors N               connectors of one group (default 2)
  --devices N                  devices (default 100)
  --rate N                     commands a second (default 200)
  --faults NAMES               these faults alone, separated by commas: kill, freeze, long-freeze, restart
  --keep FOLDER                writes the logs of the programs and the history of each case to FOLDER
  --help                       shows this text

Examples:
  npm run chaos
  npm run chaos -- --minutes 5 --seed 7 --backend rdkafka
  npm run chaos -- --minutes 1 --connectors 1 --faults kill --keep /tmp/chaos
  npm run chaos -- --minutes 15 --brokers 3

The seed draws commands and faults; what falls together still depends on the machine. Exit codes: 0 every zero is zero, 1 one is not, 2 wrong options.
`;

const faultNames = ['kill', 'freeze', 'long-freeze', 'restart'] as const;
export type FaultName = (typeof faultNames)[number];

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly backend: 'kafkajs' | 'rdkafka';
  readonly brokers: 1 | 3;
  readonly connectors: number;
  readonly devices: number;
  /** Commands a second. */
  readonly rate: number;
  readonly faults: readonly [FaultName, ...FaultName[]];
  readonly keep: string | undefined;
}

/** Returns the options, or `help`; throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      backend: { type: 'string', default: 'kafkajs' },
      brokers: { type: 'string', default: '1' },
      connectors: { type: 'string', default: '2' },
      devices: { type: 'string', default: '100' },
      rate: { type: 'string', default: '200' },
      faults: { type: 'string', default: faultNames.join(',') },
      keep: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [first, ...others] = values.faults.split(',').map((name) => oneOf('faults', name, faultNames));
  return {
    minutes: positive('minutes', values.minutes),
    seed: whole('seed', values.seed, 0),
    backend: oneOf('backend', values.backend, ['kafkajs', 'rdkafka']),
    brokers: oneOf('brokers', values.brokers, ['1', '3']) === '3' ? 3 : 1,
    connectors: whole('connectors', values.connectors, 1),
    devices: whole('devices', values.devices, 1),
    rate: whole('rate', values.rate, 1),
    faults: [first ?? 'kill', ...others],
    keep: values.keep,
  };
}

function oneOf<Name extends string>(option: string, value: string, allowed: readonly Name[]): Name {
  const found = allowed.find((name) => name === value);
  if (found === undefined) throw new TypeError(`--${option} is "${value}"; it can be ${allowed.join(', ')}`);
  return found;
}

function positive(option: string, value: string): number {
  if (!(Number(value) > 0))
    throw new TypeError(`--${option} is "${value}"; it is a number above 0, for example 1.5`);
  return Number(value);
}

function whole(option: string, value: string, least: number): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) < least)
    throw new TypeError(`--${option} is "${value}"; it is a whole number from ${least}, for example 3`);
  return Number(value);
}
