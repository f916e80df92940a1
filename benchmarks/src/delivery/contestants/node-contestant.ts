import { startChildProgram } from '../../child-program.js';
import type { Contestant, ProcessUsage, Route } from '../contestant.js';
import type { WayName } from './ways.js';

export interface ContestantArguments {
  readonly way: WayName;
  readonly route: Route;
}

export type ContestantQuestion = 'usage' | 'live heap' | 'stop';

export interface ContestantAnswer extends ProcessUsage {
  readonly heapBytes: number;
}

const timeoutMs = 60_000;

/** A way that is written in JavaScript. */
export function nodeContestant(way: WayName, deadDevice?: string): Contestant {
  return {
    name: way,
    ...(deadDevice !== undefined && { deadDevice }),
    async start(route) {
      const program = startChildProgram<ContestantQuestion, ContestantAnswer>(
        new URL('./contestant-program.js', import.meta.url),
        { way, route } satisfies ContestantArguments,
        ['--expose-gc'],
      );
      return {
        usage: () => program.ask('usage', { timeoutMs }),
        liveHeap: async () => (await program.ask('live heap', { timeoutMs })).heapBytes,
        stop: () => program.ask('stop', { timeoutMs }),
        [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
      };
    },
  };
}
