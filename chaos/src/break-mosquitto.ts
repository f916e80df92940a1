import { setTimeout as pause } from 'node:timers/promises';
import type { Mosquitto } from '@preservarium/dev-services';
import type { Random } from './random.js';

export interface BreakMosquittoOptions {
  readonly mosquitto: Mosquitto;
  readonly random: Random;
  readonly signal: AbortSignal;
  onFault(name: string, fault: 'mosquitto kill'): void;
}

/** Kills mosquitto again and again until the signal; it loses sessions, messages and what was retained. Resolves when it runs again. */
export async function breakMosquitto(options: BreakMosquittoOptions): Promise<void> {
  const { mosquitto, random, signal, onFault } = options;
  const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => {});
  for (;;) {
    await wait(random.between(10_000, 30_000));
    if (signal.aborted) return;
    onFault('mosquitto', 'mosquitto kill');
    await mosquitto.kill();
    await wait(random.between(200, 3_000));
    await mosquitto.start();
  }
}
