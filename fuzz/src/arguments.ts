import { parseArgs } from 'node:util';
import { entranceNames } from './entrance-names.js';

export const usage = `Gives generated inputs to every entrance of the running connectors, gateway and readers, and fails where one ends, reports an unhandled rejection or
delivers to the neighbour device no longer.

Usage: npm run fuzz -- [options]

  --inputs N        inputs in all (default 20000)
  --seed S          whole number from which all inputs are drawn (default 1)
  --entrance NAMES  these entrances alone, separated by commas
  --keep FOLDER     writes the logs of the programs to FOLDER
  --help            shows this text

Entrances: ${entranceNames.join(', ')}

Examples:
  npm run fuzz
  npm run fuzz -- --inputs 1000000 --seed 7
  npm run fuzz -- --inputs 5000 --entrance mqtt-answer,http-answer --keep /tmp/fuzz

Exit codes: 0 all programs go on, 1 one does not, 2 wrong options.
`;

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly entrances: readonly string[];
  readonly keep: string | undefined;
}

/** Returns the options, or `help`; throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): FuzzOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      inputs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      entrance: { type: 'string', default: entranceNames.join(',') },
      keep: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const entrances = values.entrance.split(',');
  for (const name of entrances) {
    if (!entranceNames.some((known) => known === name))
      throw new TypeError(`--entrance is "${name}"; it can be ${entranceNames.join(', ')}`);
  }
  const inputs = whole('inputs', values.inputs, 1);
  return { inputs, seed: whole('seed', values.seed, 0), entrances, keep: values.keep };
}

function whole(option: string, value: string, least: number): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) < least)
    throw new TypeError(`--${option} is "${value}"; it is a whole number from ${least}, for example 3`);
  return Number(value);
}
