import { parseArgs } from 'node:util';
import { type Benchmark, benchmarkNames } from './benchmark.js';

export const usage = `Compares this project with the same work done by hand and in other languages.

Usage: npm run bench [-- NAME...] [-- --quick] [-- --json FILE] [-- --svg FILE]

  push         from the application to Kafka: throughput, latency, CPU and memory, against other clients
  delivery     from Kafka over MQTT to the devices, against a loop by hand and Apache Camel
               (without a name, these two)
  in-flight    throughput by how many commands are in flight, for all clients
  --quick      fewer commands and rounds: shows that it works, says little about speed
  --json FILE  writes every figure, comparison and measurement to FILE
  --svg FILE   writes the plot of in-flight to FILE
  --help       shows this text

Everything that arrives is counted; the exit code is 1 when something is missing or out of order.
`;

export interface BenchmarkArguments {
  readonly names: readonly Benchmark['name'][];
  readonly quick: boolean;
  readonly help: boolean;
  readonly jsonFile: string | undefined;
  readonly svgFile: string | undefined;
}

const byDefault: readonly Benchmark['name'][] = ['push', 'delivery'];

/** Throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): BenchmarkArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((word) => !benchmarkNames.some((name) => name === word));
  if (unknown !== undefined) {
    throw new TypeError(`there is no benchmark "${unknown}"; there are ${benchmarkNames.join(', ')}`);
  }
  return {
    names: positionals.length === 0 ? byDefault : benchmarkNames.filter((name) => positionals.includes(name)),
    quick: values.quick ?? false,
    help: values.help ?? false,
    jsonFile: values.json,
    svgFile: values.svg,
  };
}
