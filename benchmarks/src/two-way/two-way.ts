import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { startMosquitto } from '@preservarium/dev-services';
import { type Benchmark, type BenchmarkOptions, emptyResult, type Figure, type Unit } from '../benchmark.js';
import { nodeContestant } from '../delivery/contestants/node-contestant.js';
import { spreadOf } from '../spread.js';
import { type Burst, measureBurst } from './measure-burst.js';

interface Measurement extends Burst {
  readonly contestant: string;
  readonly round: number;
}

const bursts = (['rdkafka', 'kafkajs'] as const).flatMap((backend) =>
  [false, true].map((restart) => ({
    name: `${backend}.twoWay${restart ? '+restart' : ''}`,
    connector: nodeContestant(`connector.${backend}+events`),
    createBackend: { rdkafka: createRdkafkaBackend, kafkajs: createKafkajsBackend }[backend],
    restart,
  })),
);

/** From the application to the devices and back. */
export const twoWay: Benchmark = { name: 'two-way', run };

async function run({ kafka, rounds, quick, say }: BenchmarkOptions) {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { name, connector, createBackend, restart } of bursts) {
      // A broker of its own: of one before, it would keep the answers for the connector that is gone.
      const mosquitto = await startMosquitto({
        configuration: ['max_inflight_messages 1000'],
      });
      const backend = createBackend({ brokers: kafka.brokers });
      const commands = quick ? 1_000 : 10_000;
      const burst = await measureBurst({ kafka, mosquitto, connector, backend, commands, restart });
      await mosquitto.stop();
      const measurement = { contestant: name, round, ...burst };
      say(describe(measurement));
      measurements.push(measurement);
    }
  }
  return {
    ...emptyResult,
    figures: bursts.flatMap(({ name }) => figuresOf(name, measurements)),
    measurements,
    failures: measurements.filter((measurement) => !isComplete(measurement)).map(describe),
  };
}

function isComplete({ commands, answered, mistaken }: Burst): boolean {
  return answered === commands && mistaken === 0;
}

function describe({ contestant, round, commands, answered, mistaken, repeated, p50Ms, p99Ms }: Measurement) {
  return `round ${round}, ${contestant}: ${answered} of ${commands} answered, ${mistaken} with another's answer, ${repeated} executed again; p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
}

function figuresOf(name: string, measurements: readonly Measurement[]): Figure[] {
  const own = measurements.filter(({ contestant }) => contestant === name);
  const figure = (unit: Unit, pick: (measurement: Measurement) => number): Figure => ({
    name,
    unit,
    spread: spreadOf(own.map(pick)),
  });
  return [
    figure('commands/s', ({ answered, elapsedMs }) => (answered / elapsedMs) * 1_000),
    figure('p50 ms', ({ p50Ms }) => p50Ms),
    figure('p99 ms', ({ p99Ms }) => p99Ms),
    figure('executed again', ({ repeated }) => repeated),
  ];
}
