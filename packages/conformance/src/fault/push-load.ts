import type { PublisherBackend, PublishOutcome } from '@preservarium/backend';
import type { AuditedPush, AuditedRecord } from '../audit-pushes.js';
import { within } from '../within.js';

export interface PushLoadOptions {
  readonly backend: PublisherBackend;
  readonly topic: string;
  readonly devices: number;
  /** Calls of `publish` in flight. */
  readonly callsInFlight: number;
  /** Records of a call; of several numbers, each call has the next one. */
  readonly recordsPerCall: readonly number[];
  /** Deadline of each call. */
  readonly timeoutMs: number;
}

/** Pushes without pause until it is stopped. */
export interface PushLoad {
  /** Resolves when so many pushes more have been acknowledged; rejects when the load has come to an end. */
  acknowledged(count: number): Promise<void>;
  /** Pushes that wait for their answer now. */
  inFlight(): number;
  /** Starts no new calls, and resolves with all pushes once each is answered. */
  stop(): Promise<PushLoadResult>;
}

interface PushLoadResult {
  readonly pushes: readonly AuditedPush[];
  /** Calls that had no answer some seconds after their deadline. */
  readonly unansweredCalls: number;
  /** How often each error code was given. */
  readonly failures: Readonly<Record<string, number>>;
}

/** An answer may come this much later than its deadline, on a busy machine. */
const marginMs = 5_000;
/** A caller waits this long after a failure, as an application would. */
const pauseAfterFailureMs = 100;

export function startPushLoad(settings: PushLoadOptions): PushLoad {
  const { backend, topic, devices, callsInFlight, recordsPerCall, timeoutMs } = settings;
  const pushes: AuditedPush[] = [];
  const failures: Record<string, number> = {};
  const waits = new Set<{ readonly atCount: number; readonly resolve: () => void }>();
  let calls = 0;
  let started = 0;
  let answered = 0;
  let acknowledgedCount = 0;
  let unansweredCalls = 0;
  let stopping = false;

  async function keepPushing(): Promise<void> {
    while (!stopping) {
      const sent = Array.from(
        { length: recordsPerCall[calls++ % recordsPerCall.length] as number },
        nextPush,
      );
      const records = sent.map(({ deviceId, sequence }) => ({
        topic,
        key: deviceId,
        value: Buffer.from(`${sequence} `.padEnd(300, 'x')),
      }));
      const outcomes = await outcomesByDeadline(backend.publish(records, { timeoutMs }));
      if (outcomes === undefined) unansweredCalls++;
      for (const [index, push] of sent.entries()) note(push, outcomes?.[index]);
      if (outcomes?.some(({ ok }) => !ok)) await pause(pauseAfterFailureMs);
    }
  }

  function nextPush(): AuditedRecord {
    const push = { deviceId: `device-${started % devices}`, sequence: Math.floor(started / devices) };
    started++;
    return push;
  }

  function note(push: AuditedRecord, outcome: PublishOutcome | undefined): void {
    pushes.push({ ...push, acknowledged: outcome?.ok === true });
    answered++;
    if (outcome?.ok) acknowledgedCount++;
    if (outcome?.ok === false) failures[outcome.error.code] = (failures[outcome.error.code] ?? 0) + 1;
    for (const wait of waits) {
      if (acknowledgedCount < wait.atCount) continue;
      waits.delete(wait);
      wait.resolve();
    }
  }

  function outcomesByDeadline(
    answer: Promise<readonly PublishOutcome[]>,
  ): Promise<readonly PublishOutcome[] | undefined> {
    return within(answer, timeoutMs + marginMs, 'the outcomes').catch(() => undefined);
  }

  const callers = Promise.all(Array.from({ length: callsInFlight }, keepPushing));
  return {
    acknowledged: (count) =>
      new Promise((resolve) => {
        waits.add({ atCount: acknowledgedCount + count, resolve });
      }),
    inFlight: () => started - answered,
    async stop() {
      stopping = true;
      await callers;
      return { pushes, unansweredCalls, failures };
    },
  };
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
