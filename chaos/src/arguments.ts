import { parseArgs } from 'node:util';
import type { RequiredEvidence } from '@preservarium/core';

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
  --evidence NAMES             evidence that commands require, drawn for each: gateway, device, executed (default gateway)
  --device-side                kills mosquitto, which loses all that it kept, and devices between PUBACK and answer
  --presence MODE              CONNECTOR_PRESENCE of the connectors: off, observe or require (default observe)
  --keep FOLDER                writes the logs of the programs and the history of each case to FOLDER
  --help                       shows this text

Examples:
  npm run chaos
  npm run chaos -- --minutes 5 --seed 7 --backend rdkafka
  npm run chaos -- --minutes 1 --connectors 1 --faults kill --keep /tmp/chaos
  npm run chaos -- --minutes 15 --brokers 3
  npm run chaos -- --minutes 5 --evidence device,executed --device-side --presence require

The seed draws commands and faults; what falls together still depends on the machine. Exit codes: 0 every zero is zero, 1 one is not, 2 wrong options.
`;

const faultNames = ['kill', 'freeze', 'long-freeze', 'restart'] as const;
const evidenceNames = ['gateway', 'device', 'executed'] as const satisfies readonly RequiredEvidence[];
const presenceModes = ['off', 'observe', 'require'] as const;
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
  readonly evidence: readonly [RequiredEvidence, ...RequiredEvidence[]];
  /** Mosquitto and devices are killed, too. */
  readonly deviceSide: boolean;
  readonly presence: (typeof presenceModes)[number];
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
      evidence: { type: 'string', default: 'gateway' },
      'device-side': { type: 'boolean', default: false },
      presence: { type: 'string', default: 'observe' },
      keep: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    minutes: positive('minutes', values.minutes),
    seed: whole('seed', values.seed, 0),
    backend: oneOf('backend', values.backend, ['kafkajs', 'rdkafka']),
    brokers: oneOf('brokers', values.brokers, ['1', '3']) === '3' ? 3 : 1,
    connectors: whole('connectors', values.connectors, 1),
    devices: whole('devices', values.devices, 1),
    rate: whole('rate', values.rate, 1),
    faults: someOf('faults', values.faults, faultNames),
    evidence: someOf('evidence', values.evidence, evidenceNames),
    deviceSide: values['device-side'],
    presence: oneOf('presence', values.presence, presenceModes),
    keep: values.keep,
  };
}

function someOf<Name extends string>(
  option: string,
  value: string,
  allowed: readonly Name[],
): readonly [Name, ...Name[]] {
  const [first = '', ...others] = value.split(',');
  return [oneOf(option, first, allowed), ...others.map((name) => oneOf(option, name, allowed))];
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
