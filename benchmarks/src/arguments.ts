import { parseArgs } from 'node:util';
import { type BenchmarkName, benchmarkNames } from './benchmark.js';

export const usage = `Compares this project with the same work done by hand and in other languages.

Usage: npm run bench [-- NAME...] [-- --quick] [-- --json FILE] [-- --svg FILE]
       npm run bench -- cost [--quick] [--against FOLDER | --against-base | --verbatim] [--at-most N] [--record]

  push         from the application to Kafka: throughput, latency, CPU and memory, against other clients
  delivery     from Kafka over MQTT to the devices, against a loop by hand and Apache Camel
               (without a name, these two)
  two-way      10,000 commands at once, each waiting for its device's answer, through a connector restart
  in-flight    throughput by how many commands are in flight, for all clients
  pressure     1,000,000 pushes at once; brokers frozen and throttled for 30 seconds
  soak         a steady load for minutes, and 5000000 commands: whether latency and memory stay as they are
  sleeping     commands that wait for a sleeping fleet on one connector: memory, restart, rebuild, devices that wake up
  partitions   how long one connector takes to be ready with 300 and with 1,000 partitions, at its first start and the next
  conflicts    three processes change the settings of one device 20,000 times at once: all accepted, none starved
  settings     how long a process takes to read the settings of 300,000 devices, and its memory: in memory, into a file, from that file
  gateway      the HTTP API beside a route by hand and a push in process
  console      the list of commands of the console in Chromium, on a store of 1,000,000 commands
  late-execution  commands that expired, were cancelled or superseded, and are executed nevertheless by devices that slept, without Kafka
  signing      CPU time of signing and verifying a command, and its ratio to encoding and decoding it, without Kafka
  cost         CPU time per command of push, delivery and codec, without Kafka; the exit code is 1 when a cost is too high,
               or with --quick when it was not measured within 4 minutes
  --only NAMES these contestants of push or delivery alone, separated by commas, and their throughput alone; unanswered of sleeping;
               kafkajs or rdkafka of conflicts and settings;
               these workloads of cost alone
  --quick      fewer commands and rounds: shows that it works, says little about speed
  --json FILE  writes every figure, comparison and measurement to FILE
  --svg FILE   writes the plot of in-flight or of soak to FILE
  --minutes N  how long a soak takes for each client (default 10)
  --commands N  how many commands wait in sleeping (default 2000000), go through each program of soak (default 5000000),
               or are in the store of console (default 1000000),
               or changes are made in conflicts (default 20000)
  --devices N  for how many devices they wait (default 500000), or how many have settings (default 300000)
  --against FOLDER  cost compares with the checkout of this repository in FOLDER, which must be built
  --against-base  cost compares with the merge base with origin/main, or on main with the commit before, which it builds in a
               temporary worktree; without such a commit, it says so and compares nothing
  --verbatim   cost compares payloads that are carried as the text they came in with payloads that are written anew
  --at-most N  the highest ratio of cost allowed: to FOLDER or the base (default 1.03), to payloads written anew (default 1.05), or to the recorded ratio (default 1.25)
  --record     cost records its ratios in benchmarks/cost-ratios.json, which later runs are compared with
  --help       shows this text

Everything that arrives is counted; the exit code is 1 when something is missing or out of order.
`;

export interface BenchmarkArguments {
  readonly names: readonly BenchmarkName[];
  readonly quick: boolean;
  readonly only: readonly string[] | undefined;
  readonly help: boolean;
  readonly jsonFile: string | undefined;
  readonly svgFile: string | undefined;
  readonly minutes: number;
  readonly commands: number | undefined;
  readonly devices: number | undefined;
  readonly against: string | undefined;
  readonly againstBase: boolean;
  readonly verbatim: boolean;
  readonly atMost: number | undefined;
  readonly record: boolean;
}

const byDefault: readonly BenchmarkName[] = ['push', 'delivery'];

/** Throws a `TypeError` that names what is wrong. */
export function readArguments(argv: readonly string[]): BenchmarkArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean' },
      only: { type: 'string' },
      json: { type: 'string' },
      svg: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      commands: { type: 'string' },
      devices: { type: 'string' },
      against: { type: 'string' },
      'against-base': { type: 'boolean' },
      verbatim: { type: 'boolean' },
      'at-most': { type: 'string' },
      record: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((word) => !benchmarkNames.some((name) => name === word));
  if (unknown !== undefined) {
    throw new TypeError(`there is no benchmark "${unknown}"; there are ${benchmarkNames.join(', ')}`);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0))
    throw new TypeError(`--minutes: "${values.minutes}" is not a number above 0; for example 10`);
  const { 'at-most': atMost } = values;
  if (atMost !== undefined && !(Number(atMost) > 0))
    throw new TypeError(`--at-most: "${atMost}" is not a number above 0; for example 1.03`);
  return {
    names: positionals.length === 0 ? byDefault : benchmarkNames.filter((name) => positionals.includes(name)),
    quick: values.quick ?? false,
    only: values.only?.split(','),
    help: values.help ?? false,
    jsonFile: values.json,
    svgFile: values.svg,
    minutes,
    commands: countOf('--commands', values.commands),
    devices: countOf('--devices', values.devices),
    against: values.against,
    againstBase: values['against-base'] ?? false,
    verbatim: values.verbatim ?? false,
    atMost: atMost === undefined ? undefined : Number(atMost),
    record: values.record ?? false,
  };
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new TypeError(`${flag}: "${text}" is not a whole number above 0; for example 100000`);
}
