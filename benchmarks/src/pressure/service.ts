import { setTimeout as pause } from 'node:timers/promises';
import { startChildProgram } from '../child-program.js';
import type { NumberedCommands } from '../numbered-command.js';
import type { Flooded } from './flood.js';
import type { LoadTally } from './load.js';
import type { ServiceAnswer, ServiceArguments, ServiceQuestion } from './service-program.js';

/** A service under load, seen from outside. */
export interface LoadedService extends AsyncDisposable {
  flood(count: number): Promise<Flooded & { readonly peakBytes: number }>;
  start(perSecond: number): Promise<void>;
  /** Takes a sample each second, for so long. */
  watch(durationMs: number): Promise<readonly Sample[]>;
  /** Pushes these commands, a thousand at a time, and awaits each. */
  push(
    commands: NumberedCommands,
  ): Promise<{ readonly residentBytes: number; readonly unacknowledged: readonly number[] }>;
  /** Bytes in use after a collection of garbage. The service must have been started with `--expose-gc`. */
  liveHeap(): Promise<number>;
  /** Ends the load and the service. */
  stop(): Promise<LoadTally & { readonly peakBytes: number; readonly unacknowledged: readonly number[] }>;
}

export interface Sample extends LoadTally {
  /** Since the load was started. */
  readonly atMs: number;
  readonly residentBytes: number;
}

const sampleMs = 1_000;
const askTimeoutMs = 600_000;

/** @param nodeFlags flags of Node.js for the service. Default: none */
export function startService(argument: ServiceArguments, nodeFlags: readonly string[] = []): LoadedService {
  const program = startChildProgram<ServiceQuestion, ServiceAnswer>(
    new URL('./service-program.js', import.meta.url),
    argument,
    nodeFlags,
  );
  const ask = (question: ServiceQuestion) => program.ask(question, { timeoutMs: askTimeoutMs });
  let startedAtMs = Number.NaN;

  async function sample(): Promise<Sample> {
    const { residentBytes, tally } = await ask({ kind: 'tally' });
    return { atMs: performance.now() - startedAtMs, residentBytes, ...given(tally) };
  }

  return {
    async flood(count) {
      const { peakBytes, flooded } = await ask({ kind: 'flood', count });
      return { peakBytes, ...given(flooded) };
    },
    async start(perSecond) {
      await ask({ kind: 'start', perSecond });
      startedAtMs = performance.now();
    },
    async watch(durationMs) {
      const samples: Sample[] = [];
      const untilMs = performance.now() + durationMs;
      while (performance.now() < untilMs) {
        await pause(sampleMs);
        samples.push(await sample());
      }
      return samples;
    },
    async push(commands) {
      const { residentBytes, unacknowledged } = await ask({ kind: 'push', commands });
      return { residentBytes, unacknowledged: given(unacknowledged) };
    },
    async liveHeap() {
      return given((await ask({ kind: 'live heap' })).liveHeapBytes);
    },
    async stop() {
      const { peakBytes, tally, unacknowledged } = await ask({ kind: 'stop' });
      return { peakBytes, ...given(tally), unacknowledged: given(unacknowledged) };
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError('the service was asked for what it does not have');
  return value;
}
