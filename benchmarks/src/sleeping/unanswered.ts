import { setTimeout as pause } from 'node:timers/promises';
import type { BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import { openCommandLog } from '../delivery/command-log.js';
import { maxAnswers, startConnectorProcess } from './connector-process.js';
import { describe, type Measured, openStateDir, push, resultOf } from './fleet.js';

/** Records that were just read or written have left the memory after that. */
const settleMs = 3_000;

/**
 * Sends one command to each of many devices, which do not answer: the commands wait in the store. Measures the live heap at half of them and at
 * all, then lets some devices answer.
 */
export async function measureUnanswered(
  { kafka, say }: BenchmarkOptions,
  commands: number,
): Promise<BenchmarkResult> {
  await using log = await openCommandLog(kafka);
  using state = openStateDir();
  await using connector = startConnectorProcess({
    brokers: kafka.brokers,
    topic: log.topic,
    stateDir: state.directory,
    isUnanswered: true,
  });
  const half = Math.floor(commands / 2);
  const heapBytes: number[] = [];
  for (const [turn, prefix] of ['first', 'second'].entries()) {
    await push(kafka, log.topic, half, half, prefix);
    await connector.until(({ waiting, deliveries }) => {
      const expected = half * (turn + 1);
      return waiting === expected && deliveries >= expected;
    });
    await pause(settleMs);
    heapBytes.push((await connector.ask({ kind: 'collect' })).heapBytes);
  }
  const [first = 0, second = 0] = heapBytes;
  await connector.ask({ kind: 'answer' });
  const { deliveries, peakBytes } = await connector.until(({ waiting }) => waiting === 2 * half - maxAnswers);
  await connector.ask({ kind: 'close' });

  const unit = 'MiB of live heap';
  const measured: Measured[] = [
    { name: `${half} commands that wait for an answer`, unit, value: first / 2 ** 20 },
    { name: `${2 * half} commands that wait for an answer`, unit, value: second / 2 ** 20 },
    {
      name: 'each of the second half',
      unit: 'bytes of live heap',
      value: (second - first) / half,
      target: { atMost: 100 },
    },
    { name: 'waiting for answers', unit: 'peak MiB', value: peakBytes / 2 ** 20 },
  ];
  for (const one of measured) say(describe(one));
  const result = resultOf(measured, 0);
  const repeated = deliveries - 2 * half;
  return repeated === 0 ? result : { ...result, failures: [`sleeping: ${repeated} commands sent again`] };
}
