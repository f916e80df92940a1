import { setTimeout as pause } from 'node:timers/promises';
import type { FaultName } from './arguments.js';
import type { Program } from './program.js';
import type { Random } from './random.js';

const shortLifeMs = 3_000;
const maxShortLives = 5;

export interface SuperviseOptions<Supervised extends Program> {
  readonly name: string;
  readonly faults: readonly [FaultName, ...FaultName[]];
  readonly random: Random;
  /** How long a member of the group may say nothing before the others take its place. */
  readonly sessionTimeoutMs: number;
  /** How long it runs between two faults, in milliseconds. */
  readonly calmMs: { readonly least: number; readonly most: number };
  readonly signal: AbortSignal;
  start(): Supervised;
  /** Called between the end and the next start of a program that was killed or restarted. */
  onDown?(): void;
  /** `ended by itself`: a start that a freeze made too late, for example. */
  onFault(name: string, fault: FaultName | 'ended by itself'): void;
}

/** A program that faults befall until the signal, and that runs again after each. */
export interface Supervision<Supervised extends Program> {
  current(): Supervised;
  /** Resolves after the signal, when it runs and no fault is at work. */
  readonly restored: Promise<void>;
  /** From now on it may end. */
  release(): void;
}

export function supervise<Supervised extends Program>(
  options: SuperviseOptions<Supervised>,
): Supervision<Supervised> {
  const { name, faults, random, sessionTimeoutMs, calmMs, signal } = options;
  let current = options.start();
  let startedMs = performance.now();
  let shortLives = 0;
  let isReleased = false;

  function start(): void {
    startedMs = performance.now();
    current = options.start();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const hasCrashed = await Promise.race([
        current.ended.then(() => true),
        wait(random.between(calmMs.least, calmMs.most)),
      ]);
      if (hasCrashed === true) {
        options.onFault(name, 'ended by itself');
        shortLives = performance.now() - startedMs < shortLifeMs ? shortLives + 1 : 0;
        if (shortLives === maxShortLives) throw new Error(`${name} ends at once: its log says why`);
        await wait(1_000);
        start();
      } else if (!signal.aborted) {
        const fault = random.pick(faults);
        options.onFault(name, fault);
        await befall(fault);
      }
    }
  }

  async function befall(fault: FaultName): Promise<void> {
    if (fault === 'freeze') return freeze(random.between(500, 5_000));
    if (fault === 'long-freeze') return freeze(sessionTimeoutMs + random.between(1_000, 12_000));
    current.kill(fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await current.ended;
    options.onDown?.();
    await wait(random.between(0, 3_000));
    start();
  }

  async function freeze(ms: number): Promise<void> {
    current.kill('SIGSTOP');
    await wait(ms);
    current.kill('SIGCONT');
  }

  /** Ends early at the signal. */
  async function wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal }).catch(() => {});
  }

  /** A connector whose group changes too often may still end by itself after the last fault. */
  async function keepRunning(): Promise<void> {
    while (!isReleased) {
      await current.ended;
      if (isReleased) return;
      options.onFault(name, 'ended by itself');
      await pause(1_000);
      start();
    }
  }

  const restored = run();
  void restored.then(keepRunning, () => {});
  return {
    current: () => current,
    restored,
    release() {
      isReleased = true;
    },
  };
}
