import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.js';

export const usage = `Compares this project with the same work done by hand.

Usage: npm run bench [-- push|delivery] [-- --quick] [-- --json FILE]

  push         from the application to Kafka, against the same Kafka client by hand
  delivery     from Kafka over MQTT to the devices, against a loop by hand and Apache Camel
               (without a word, both)
  --quick      fewer commands and rounds: shows that it works, says little about speed
  --json FILE  writes every figure and measurement to FILE
  --help       shows this text

Everything that arrives is counted; the exit code is 1 when something is missing or out of order.
`;

export interface BenchmarkArguments {
  readonly names: readonly Benchmark['name'][];
  readonly quick: boolean;
  readonly help: boolean;
  readonly jsonFile: string | undefined;
}

const names = ['push', 'delivery'] as const;

/** Throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): BenchmarkArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((word) => !names.some((name) => name === word));
  if (unknown !== undefined) {
    throw new TypeError(`there is no benchmark "${unknown}"; there are ${names.join(' and ')}`);
  }
  return {
    names: names.filter((name) => positionals.length === 0 || positionals.includes(name)),
    quick: values.quick ?? false,
    help: values.help ?? false,
    jsonFile: values.json,
  };
}
