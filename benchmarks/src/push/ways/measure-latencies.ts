import { setTimeout as pause } from 'node:timers/promises';
import { type NumberedCommands, numbersOf } from '../../numbered-command.js';
import type { OpenWay } from './way.js';

interface LatencyOptions {
  readonly commands: NumberedCommands;
  /** How many are begun each second, whether or not those before are answered. Default: one after the other. */
  readonly perSecond?: number;
}

interface Latencies {
  readonly latenciesMs: readonly number[];
  readonly unacknowledged: readonly number[];
}

/** How long each push takes until it is acknowledged. */
export async function measureLatencies(
  { pushOne }: OpenWay,
  { commands, perSecond }: LatencyOptions,
): Promise<Latencies> {
  if (pushOne === undefined) throw new TypeError('this way pushes no single command');
  const latenciesMs: number[] = [];
  const unacknowledged: number[] = [];

  async function pushTimed(number: number): Promise<void> {
    const startedAtMs = performance.now();
    try {
      await pushOne?.(number, commands.bytes);
      latenciesMs.push(performance.now() - startedAtMs);
    } catch (error) {
      console.error(error);
      unacknowledged.push(number);
    }
  }

  if (perSecond === undefined) {
    for (const number of numbersOf(commands)) await pushTimed(number);
  } else {
    const begun: Promise<void>[] = [];
    const startedAtMs = performance.now();
    for (const number of numbersOf(commands)) {
      const dueAtMs = startedAtMs + ((number - commands.first) * 1_000) / perSecond;
      while (performance.now() < dueAtMs) await pause(1);
      begun.push(pushTimed(number));
    }
    await Promise.all(begun);
  }
  return { latenciesMs, unacknowledged };
}
