import { parseArgs } from 'node:util';

export const usage = `Compares pushing through this project with the same Kafka client used by hand.

Usage: npm run bench [-- --quick] [-- --json FILE]

  --quick      fewer commands and rounds: shows that it works, says little about speed
  --json FILE  writes every measurement to FILE
  --help       shows this text

Each round is verified by reading the topic; the exit code is 1 when an acknowledged command is missing or out of order.
`;

export interface BenchmarkArguments {
  readonly quick: boolean;
  readonly help: boolean;
  readonly jsonFile: string | undefined;
}

/** Throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): BenchmarkArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean' } },
  });
  return { quick: values.quick ?? false, help: values.help ?? false, jsonFile: values.json };
}
