import { join } from 'node:path';
import { BackendUnavailableError } from '@preservarium/core';
import { findJava, kafkaJars } from '@preservarium/dev-services';
import { lastLines } from '../../last-lines.js';
import type { Contestant } from '../contestant.js';
import { runMeasured } from './run-measured.js';

const batchBytes = 131_072;

/**
 * Kafka's own `kafka-producer-perf-test`: records of random letters, without a key. Its time is that of the records after those
 * of the warm-up; its CPU is that of the whole process, the start of Java among it. Rejects with `BACKEND_UNAVAILABLE` where Java
 * or Maven are missing.
 */
export async function javaPerformance(): Promise<Contestant> {
  const java = await findJava();
  const jars = await kafkaJars();
  return {
    name: 'java.ProducerPerformance',
    settings: `linger 5 ms, batches of up to ${batchBytes} bytes, no compression, no keys`,
    writes: 'records',
    async push({ brokers, topic, warmUp, count, bytes }) {
      const { cpuMs, peakBytes, ...printed } = await runMeasured(java, [
        ...['-Xmx512M', '-cp', join(jars, '*'), 'org.apache.kafka.tools.ProducerPerformance'],
        ...['--topic', topic, '--num-records', `${warmUp + count}`, '--warmup-records', `${warmUp}`],
        ...['--throughput', '-1', '--record-size', `${bytes}`],
        ...['--command-property', `bootstrap.servers=${brokers.join(',')}`],
        ...['acks=all', 'enable.idempotence=true', 'linger.ms=5', `batch.size=${batchBytes}`],
      ]);
      return {
        elapsedMs: (count / steadyPerSecond(printed)) * 1_000,
        cpuMicrosPerCommand: (cpuMs * 1_000) / (warmUp + count),
        peakBytes,
        // It says nothing of failures; what is missing is found by counting.
        unacknowledged: 0,
      };
    },
  };
}

function steadyPerSecond({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): number {
  const perSecond = /steady state records sent, ([\d.]+) records\/sec/.exec(stdout)?.[1];
  if (perSecond === undefined) {
    throw new BackendUnavailableError(
      `ProducerPerformance said nothing of its speed:\n${lastLines(stdout, stderr)}`,
    );
  }
  return Number(perSecond);
}
