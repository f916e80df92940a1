import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendUnavailableError } from '@preservarium/core';
import { lastLines } from '../../last-lines.js';
import { runProgram } from '../../run-program.js';
import type { Contestant } from '../contestant.js';
import { cacheFolder } from './cache-folder.js';
import { runMeasured } from './run-measured.js';

const defaultInFlight = 100_000;

/**
 * librdkafka's own benchmark: one buffer of bytes, sent again and again, without a key. Nothing is made, checked or encoded for a
 * record, which makes it the practical limit. Rejects with `BACKEND_UNAVAILABLE` where it cannot be compiled.
 */
export async function rdkafkaPerformance(inFlight?: number): Promise<Contestant> {
  const program = await compile();
  const lingerMs = (inFlight ?? defaultInFlight) > 1_000 ? 5 : 0;
  return {
    name: inFlight === undefined ? 'c.rdkafka_performance' : `c.rdkafka_performance@${inFlight}`,
    settings:
      'linger 0 up to 1,000 in flight, then 5 ms, no compression, 100,000 in flight or as named, no keys',
    writes: 'records',
    async push({ brokers, topic, warmUp, count, bytes }) {
      const argumentsFor = (records: number) => [
        ...['-P', '-t', topic, '-b', brokers.join(','), '-s', `${bytes}`, '-c', `${records}`, '-a', '-1'],
        ...['-X', 'enable.idempotence=true', '-X', `linger.ms=${lingerMs}`],
        ...['-X', `queue.buffering.max.messages=${inFlight ?? defaultInFlight}`],
      ];
      const warm = summaryOf(await runMeasured(program, argumentsFor(warmUp)));
      const { cpuMs, peakBytes, ...printed } = await runMeasured(program, argumentsFor(count));
      const { delivered, elapsedMs } = summaryOf(printed);
      return {
        elapsedMs,
        cpuMicrosPerCommand: (cpuMs * 1_000) / count,
        peakBytes,
        unacknowledged: warmUp + count - warm.delivered - delivered,
      };
    },
  };
}

/** From the sources that node-rdkafka brings, with the library that it built of them. */
async function compile(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('node-rdkafka/package.json');
  const { version } = createRequire(import.meta.url)(manifest) as { readonly version: string };
  const program = join(await cacheFolder(), `rdkafka_performance-${version}`);
  if (existsSync(program)) return program;
  const sources = join(dirname(manifest), 'deps', 'librdkafka');
  const libraries = join(dirname(manifest), 'build', 'deps');
  await runProgram('cc', [
    ...['-O2', '-I', join(sources, 'src'), '-o', program],
    join(sources, 'examples', 'rdkafka_performance.c'),
    ...['-L', libraries, '-lrdkafka', '-lm', '-lpthread', `-Wl,-rpath,${libraries}`],
  ]);
  return program;
}

function summaryOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): {
  readonly delivered: number;
  readonly elapsedMs: number;
} {
  const summaries = [...stdout.matchAll(/(\d+) delivered \(.*?\) in (\d+)ms/g)];
  const [, delivered, elapsedMs] = summaries.at(-1) ?? [];
  if (elapsedMs === undefined) {
    throw new BackendUnavailableError(
      `rdkafka_performance said nothing of its speed:\n${lastLines(stdout, stderr)}`,
    );
  }
  return { delivered: Number(delivered), elapsedMs: Number(elapsedMs) };
}
