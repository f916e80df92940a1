import { setTimeout as pause } from 'node:timers/promises';
import { BackendUnavailableError } from '@preservarium/core';
import { startChildProgram } from '../child-program.js';

export interface ConnectorArgument {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly stateDir: string;
}

export type ConnectorQuestion =
  | { readonly kind: 'state' }
  /** Counts deliveries and stalls anew. */
  | { readonly kind: 'reset' }
  /** These devices take commands from now on. `isTold`: the connector hears of them. */
  | { readonly kind: 'wake'; readonly devices: readonly string[]; readonly isTold: boolean }
  | { readonly kind: 'close' };

export interface ConnectorAnswer {
  readonly waiting: number;
  readonly deliveries: number;
  readonly outOfOrder: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly longestStallMs: number;
  /** Of all threads since the start of the process. */
  readonly cpuMs: number;
}

/** A connector in a process of its own. */
export interface ConnectorProcess extends AsyncDisposable {
  ask(question: ConnectorQuestion): Promise<ConnectorAnswer>;
  /** Resolves with the first answer that fits. Rejects when nothing has changed for two minutes. */
  until(isReached: (answer: ConnectorAnswer) => boolean): Promise<ConnectorAnswer>;
}

const pollMs = 50;
const timeoutMs = 120_000;

export function startConnectorProcess(argument: ConnectorArgument): ConnectorProcess {
  const program = startChildProgram<ConnectorQuestion, ConnectorAnswer>(
    new URL('./sleeping-connector-program.js', import.meta.url),
    argument,
  );
  const ask = (question: ConnectorQuestion) => program.ask(question, { timeoutMs });

  return {
    ask,
    async until(isReached) {
      let last = '';
      let changedAtMs = performance.now();
      for (;;) {
        const answer = await ask({ kind: 'state' });
        if (isReached(answer)) return answer;
        const now = `${answer.waiting} ${answer.deliveries}`;
        if (now !== last) changedAtMs = performance.now();
        last = now;
        if (performance.now() - changedAtMs > timeoutMs) {
          throw new BackendUnavailableError(`the connector stays at ${now} (waiting, delivered)`);
        }
        await pause(pollMs);
      }
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
