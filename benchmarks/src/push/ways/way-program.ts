// A way in a process of its own, so that none pays for the garbage, the modules or the event loop of another.
import { setTimeout as pause } from 'node:timers/promises';
import { answerQuestions } from '../../answer-questions.js';
import type { NumberedCommands } from '../../numbered-command.js';
import { peakResidentBytes } from '../../peak-resident-bytes.js';
import { quantileOf } from '../../quantile-of.js';
import { measureLatencies } from './measure-latencies.js';
import type { Route } from './way.js';
import { type WayName, ways } from './ways.js';

export interface WayArguments {
  readonly way: WayName;
  readonly route: Route;
}

export type WayQuestion =
  | { readonly kind: 'push'; readonly commands: NumberedCommands }
  | { readonly kind: 'latency'; readonly commands: NumberedCommands; readonly perSecond?: number }
  | { readonly kind: 'idle'; readonly durationMs: number }
  | { readonly kind: 'close' };

export interface WayAnswer {
  readonly elapsedMs: number;
  /** Of all threads, while the question was answered. */
  readonly cpuMs: number;
  readonly sinceStartMs: number;
  /** The most that was resident since the start. */
  readonly peakBytes: number;
  readonly unacknowledged: readonly number[];
  /** Of a question for latency. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

const { way, route } = JSON.parse(process.argv[2] ?? '{}') as WayArguments;
const open = await ways[way].open(route);

answerQuestions<WayQuestion, WayAnswer>(async (question) => {
  const usedBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  const result = await answer(question);
  const endedAtMs = performance.now();
  const { user, system } = process.cpuUsage(usedBefore);
  return {
    elapsedMs: endedAtMs - startedAtMs,
    cpuMs: (user + system) / 1_000,
    sinceStartMs: endedAtMs,
    peakBytes: peakResidentBytes(),
    unacknowledged: [],
    ...result,
  };
});

async function answer(question: WayQuestion): Promise<Partial<WayAnswer>> {
  switch (question.kind) {
    case 'push':
      return { unacknowledged: await open.pushAll(question.commands) };
    case 'latency': {
      const { latenciesMs, unacknowledged } = await measureLatencies(open, question);
      return { p50Ms: quantileOf(latenciesMs, 0.5), p99Ms: quantileOf(latenciesMs, 0.99), unacknowledged };
    }
    case 'idle':
      await pause(question.durationMs);
      return {};
    case 'close':
      await open.close();
      return {};
  }
}
