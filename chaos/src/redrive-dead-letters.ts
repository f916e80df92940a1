import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startProgram } from './program.js';
import type { Random } from './random.js';
import type { Scene } from './scene.js';

const file = new URL('../../apps/cli/dist/main.js', import.meta.url);
const everyMs = 8_000;
/** Of the runs of the program, so many are killed at a random moment. */
const killChance = 0.2;
const killWithinMs = 4_000;

export interface RedriveOptions {
  readonly scene: Scene;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Gets the log of the program. */
  readonly folder: string;
  onFault(name: string, fault: string): void;
}

/** Sends dead letters again with the program that an operator would use, until the signal. */
export async function redriveDeadLetters({
  scene,
  random,
  signal,
  folder,
  onFault,
}: RedriveOptions): Promise<void> {
  const { backend, kafka, topics } = scene;
  while (!signal.aborted) {
    await pause(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const program = startProgram({
      file,
      logFile: join(folder, 'redrives.log'),
      args: [
        ...['dead', 'redrive', '--reason', 'exhausted', '--yes', '--backend', backend],
        ...['--brokers', kafka.brokers.join(',')],
        ...['--command-topic', topics.commands, '--dead-letter-topic', topics.deadLetters],
      ],
    });
    if (random.chance(killChance)) {
      await Promise.race([pause(random.between(500, killWithinMs)), program.ended]);
      if (!program.hasEnded()) onFault('redrive', 'kill');
      program.kill('SIGKILL');
    }
    await program.ended;
  }
}
