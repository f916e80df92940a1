import { type ChildProgram, startChildProgram } from '../child-program.js';
import type { Contestant } from './contestant.js';
import type { Route } from './ways/way.js';
import type { WayAnswer, WayArguments, WayQuestion } from './ways/way-program.js';
import { type WayName, ways } from './ways/ways.js';

const askTimeoutMs = 600_000;

export interface NodeContestantOptions {
  /** Default: the way's own. */
  readonly inFlight?: number;
  /** Default: `commands`. */
  readonly writes?: Contestant['writes'];
}

/** A way that is written in JavaScript. */
export function nodeContestant(
  way: WayName,
  { inFlight, writes = 'commands' }: NodeContestantOptions = {},
): Contestant {
  return {
    name: inFlight === undefined ? way : `${way}@${inFlight}`,
    settings: ways[way].settings,
    writes,
    async push({ brokers, topic, warmUp, count, bytes }) {
      await using program = startWay(way, { brokers, topic, ...(inFlight !== undefined && { inFlight }) });
      const first = await program.ask({ kind: 'push', commands: { first: 0, count: 1, bytes } });
      const warm = await program.ask({ kind: 'push', commands: { first: 1, count: warmUp - 1, bytes } });
      const measured = await program.ask({ kind: 'push', commands: { first: warmUp, count, bytes } });
      await program.ask({ kind: 'close' });
      return {
        elapsedMs: measured.elapsedMs,
        cpuMicrosPerCommand: (measured.cpuMs * 1_000) / count,
        peakBytes: measured.peakBytes,
        firstPushMs: first.sinceStartMs,
        unacknowledged: [first, warm, measured].flatMap(({ unacknowledged }) => unacknowledged).length,
      };
    },
  };
}

interface RunningWay extends AsyncDisposable {
  ask(question: WayQuestion): Promise<WayAnswer>;
}

export function startWay(way: WayName, route: Route): RunningWay {
  const program: ChildProgram<WayQuestion, WayAnswer> = startChildProgram(
    new URL('./way-program.js', import.meta.url),
    { way, route } satisfies WayArguments,
  );
  return {
    ask: (question) => program.ask(question, { timeoutMs: askTimeoutMs }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
