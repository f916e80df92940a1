import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaCluster } from '@preservarium/dev-services';
import type { Random } from './random.js';

export interface BreakBrokersOptions {
  readonly cluster: KafkaCluster;
  readonly random: Random;
  readonly signal: AbortSignal;
  onFault(name: string, fault: 'broker kill' | 'broker freeze'): void;
}

/** Kills or freezes one broker after another, never two at a time, until the signal; resolves when all run again. */
export async function breakBrokers({ cluster, random, signal, onFault }: BreakBrokersOptions): Promise<void> {
  const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => {});
  for (;;) {
    await wait(random.between(10_000, 30_000));
    if (signal.aborted) return;
    const broker = random.below(cluster.brokers.length);
    const name = `broker-${broker + 1}`;
    if (random.chance(0.5)) {
      onFault(name, 'broker kill');
      await cluster.kill(broker);
      await wait(random.between(1_000, 15_000));
      await cluster.start(broker);
    } else {
      onFault(name, 'broker freeze');
      cluster.freeze(broker);
      await wait(random.between(1_000, 20_000));
      cluster.thaw(broker);
    }
  }
}
