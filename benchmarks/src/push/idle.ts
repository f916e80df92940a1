import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import { startWay } from './node-contestant.js';

const ways = ['rdkafka.pushCommand', 'kafkajs.pushCommand'] as const;
/** By then what the first push left to do is done. */
const settleMs = 1_000;
const target = { atMost: 1 };

/** Measures the CPU time of a service that is connected, has pushed, and is idle. */
export async function measureIdle({ kafka, quick, say }: BenchmarkOptions): Promise<BenchmarkResult> {
  const measurements: { readonly contestant: string; readonly percent: number }[] = [];
  for (const way of ways) {
    await using topic = await openTestTopic(kafka);
    await using program = startWay(way, { brokers: kafka.brokers, topic: topic.name });
    await program.ask({ kind: 'push', commands: { first: 0, count: 1 } });
    await program.ask({ kind: 'idle', durationMs: settleMs });
    const { cpuMs, elapsedMs } = await program.ask({ kind: 'idle', durationMs: quick ? 2_000 : 30_000 });
    await program.ask({ kind: 'close' });
    const measurement = {
      contestant: way.replace('pushCommand', 'idle'),
      percent: (cpuMs / elapsedMs) * 100,
    };
    say(`${measurement.contestant}: ${measurement.percent.toFixed(2)} % of a core`);
    measurements.push(measurement);
  }
  return {
    ...emptyResult,
    figures: measurements.map(({ contestant, percent }) => ({
      name: contestant,
      unit: '% of a core',
      spread: spreadOf([percent]),
    })),
    verdicts: [
      {
        name: 'idle.cpu',
        unit: '%',
        spread: spreadOf([Math.max(...measurements.map(({ percent }) => percent))]),
        target,
      },
    ],
    measurements,
  };
}
