import { setTimeout as pause } from 'node:timers/promises';
import type { PublisherBackend } from '@preservarium/backend';
import type { AuditedPush } from '../audit-pushes.js';
import { within } from '../within.js';

export interface SteadyPushesOptions {
  readonly backend: PublisherBackend;
  readonly topic: string;
  readonly deviceIds: readonly string[];
  readonly perSecond: number;
  /** Deadline of each push. */
  readonly timeoutMs: number;
}

/** A push and its answer. */
export interface SteadyPush extends AuditedPush {
  /** When it was called, by `performance.now()`. */
  readonly startedAtMs: number;
  readonly answeredAtMs: number;
  /** `ok`, the code of the error, or `unanswered`: there was no answer some seconds after its deadline. */
  readonly answer: string;
}

/** Pushes at an even rate, whether earlier pushes are answered or not. */
export interface SteadyPushes {
  /** Resolves once so many milliseconds more have been pushed. */
  goOnFor(timeMs: number): Promise<void>;
  /** Starts no new push, and resolves with all of them once each is answered. */
  stop(): Promise<readonly SteadyPush[]>;
}

/** An answer may come this much later than its deadline, on a busy machine. */
const marginMs = 5_000;

/** Pushes for each of the devices in turn; the value of a record begins with the sequence of its device. */
export function startSteadyPushes(options: SteadyPushesOptions): SteadyPushes {
  const { backend, topic, deviceIds, perSecond, timeoutMs } = options;
  const answers: Promise<SteadyPush>[] = [];
  const stopping = new AbortController();
  const beganAtMs = performance.now();

  async function push(number: number): Promise<SteadyPush> {
    const deviceId = deviceIds[number % deviceIds.length] as string;
    const sequence = Math.floor(number / deviceIds.length);
    const value = Buffer.from(`${sequence} `.padEnd(300, 'x'));
    const startedAtMs = performance.now();
    const publishing = backend.publish([{ topic, key: deviceId, value }], { timeoutMs });
    const [outcome] = await within(publishing, timeoutMs + marginMs, 'the outcome').catch(() => []);
    const answer = outcome === undefined ? 'unanswered' : outcome.ok ? 'ok' : outcome.error.code;
    const answeredAtMs = performance.now();
    return { deviceId, sequence, acknowledged: answer === 'ok', startedAtMs, answeredAtMs, answer };
  }

  async function keepPushing(): Promise<void> {
    while (!stopping.signal.aborted) {
      const due = ((performance.now() - beganAtMs) * perSecond) / 1_000;
      while (answers.length < due) answers.push(push(answers.length));
      await pause(10);
    }
  }

  const pushing = keepPushing();
  return {
    goOnFor: (timeMs) => pause(timeMs),
    async stop() {
      stopping.abort();
      await pushing;
      return Promise.all(answers);
    },
  };
}
