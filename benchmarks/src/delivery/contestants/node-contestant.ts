import { startChildProgram } from '../../child-program.js';
import type { Contestant, ProcessUsage, Route } from '../contestant.js';
import type { WayName } from './ways.js';

export interface ContestantArguments {
  readonly way: WayName;
  readonly route: Route;
}

export type ContestantQuestion = 'usage' | 'stop';

const timeoutMs = 60_000;

/** A way that is written in JavaScript. */
export function nodeContestant(way: WayName, deadDevice?: string): Contestant {
  return {
    name: way,
    ...(deadDevice !== undefined && { deadDevice }),
    async start(route) {
      const program = startChildProgram<ContestantQuestion, ProcessUsage>(
        new URL('./contestant-program.js', import.meta.url),
        { way, route } satisfies ContestantArguments,
      );
      return {
        usage: () => program.ask('usage', { timeoutMs }),
        stop: () => program.ask('stop', { timeoutMs }),
        [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
      };
    },
  };
}
