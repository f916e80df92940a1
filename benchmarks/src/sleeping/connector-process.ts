import { setTimeout as pause } from 'node:timers/promises';
import { BackendUnavailableError } from '@preservarium/core';
import { startChildProgram } from '../child-program.js';

export interface ConnectorArgument {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly stateDir: string;
  /** Devices take each command at once, and answer only when they are asked to. Default: they sleep */
  readonly isUnanswered?: boolean;
}

export type ConnectorQuestion =
  | { readonly kind: 'state' }
  /** Counts deliveries and stalls anew. */
  | { readonly kind: 'reset' }
  /** These devices take commands from now on. `isTold`: the connector hears of them. */
  | { readonly kind: 'wake'; readonly devices: readonly string[]; readonly isTold: boolean }
  /** The devices of the first deliveries answer, up to a limit: see `maxAnswers`. */
  | { readonly kind: 'answer' }
  /** Collects garbage before the answer. */
  | { readonly kind: 'collect' }
  | { readonly kind: 'close' };

/** Deliveries that can be answered. The others are not kept: they would count as live heap. */
export const maxAnswers = 1_000;

export interface ConnectorAnswer {
  readonly waiting: number;
  readonly deliveries: number;
  /** Attempts that found their device asleep. */
  readonly attempts: number;
  readonly outOfOrder: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly heapBytes: number;
  readonly longestStallMs: number;
  /** The CPU time of the longest turn of the event loop: on a busy machine, a stall is mostly the time of other processes. */
  readonly longestTurnMs: number;
  /** Of all threads since the start of the process. */
  readonly cpuMs: number;
  /** Of the thread of JavaScript since the start of the process. */
  readonly threadCpuMs: number;
}

/** A connector in a process of its own. */
export interface ConnectorProcess extends AsyncDisposable {
  ask(question: ConnectorQuestion): Promise<ConnectorAnswer>;
  /**
   * Resolves with the first answer that fits. Rejects when nothing has changed for so long.
   *
   * @param quietMs default: two minutes
   */
  until(isReached: (answer: ConnectorAnswer) => boolean, quietMs?: number): Promise<ConnectorAnswer>;
}

/** The first as in the image of the connectors. */
const nodeFlags = ['--max-semi-space-size=16', '--expose-gc'];
const pollMs = 50;
const timeoutMs = 120_000;

export function startConnectorProcess(argument: ConnectorArgument): ConnectorProcess {
  const program = startChildProgram<ConnectorQuestion, ConnectorAnswer>(
    new URL('./sleeping-connector-program.js', import.meta.url),
    argument,
    nodeFlags,
  );
  const ask = (question: ConnectorQuestion) => program.ask(question, { timeoutMs });

  return {
    ask,
    async until(isReached, quietMs = timeoutMs) {
      let last = '';
      let changedAtMs = performance.now();
      for (;;) {
        const answer = await ask({ kind: 'state' });
        if (isReached(answer)) return answer;
        const now = `${answer.waiting} ${answer.deliveries} ${answer.attempts}`;
        if (now !== last) changedAtMs = performance.now();
        last = now;
        if (performance.now() - changedAtMs > quietMs) {
          throw new BackendUnavailableError(
            `the connector stays at ${now} (waiting, delivered, attempted in vain)`,
          );
        }
        await pause(pollMs);
      }
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
