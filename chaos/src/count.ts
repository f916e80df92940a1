import type { Execution } from './command.js';
import type { Evidence, WrittenEvent } from './evidence.js';
import { requestIdOf } from './lives.js';

/** One thing that must not happen, or is only counted. */
export interface Count {
  readonly what: string;
  /** True: it must be 0. */
  readonly isForbidden: boolean;
  /** The request ids of the commands to which it happened. */
  readonly cases: readonly string[];
}

const endings: readonly string[] = ['expired', 'superseded', 'cancelled', 'dead', 'rejected'];

/** MQTT counts the time that a message has left in whole seconds, and the message is on its way for a while. */
const expiryToleranceMs = 1_000;

export interface CountOptions {
  /** The broker loses what it has acknowledged, and devices die with it: commands that require no more evidence than `gateway` may be lost. */
  readonly isDeviceSideBroken: boolean;
}

/** Counts what was lost, reversed, repeated and too late. */
export function countCases(evidence: Evidence, { isDeviceSideBroken }: CountOptions): Count[] {
  const { acknowledged, commands, events, executions } = evidence;
  const executed = new Set(executions.map(({ requestId }) => requestId));
  /** The answer of a device names no life: it may be that to the message of an earlier one. */
  const executedInAnyLife = new Set([...executed].map(requestIdOf));
  const hasSucceeded = (life: string) => eventsOf(evidence, life).some(({ state }) => state === 'succeeded');
  const accepted = [...new Set([...acknowledged, ...commands.keys()])];
  const unfinished = findUnfinished(evidence, accepted, executed);
  const requiresAnswer = (requestId: string) =>
    (commands.get(requestId)?.requiredEvidence ?? 'gateway') !== 'gateway';
  const proven = [...events.keys()].filter(hasSucceeded);
  const expiredAtBroker = unfinished.filter((requestId) => mayExpireAtBroker(evidence, requestId));
  const older = findOlder(evidence);
  const taken = refuseOlder(executions);
  const olderTaken = findOlder({ ...evidence, executions: taken });
  const again = findAgain(executions);
  const requestIdsOf = (found: readonly Execution[]) => found.map(({ requestId }) => requestId);
  const latenessMs = ({ requestId, atMs }: Execution) =>
    atMs - (commands.get(requestId)?.expiresAtMs ?? Number.POSITIVE_INFINITY);
  const late = executions.filter((execution) => latenessMs(execution) > 0);
  const isVeryLate = (execution: Execution) => latenessMs(execution) > expiryToleranceMs;
  const cancelledAtMs = new Map<string, number>();
  for (const [requestId, ofCommand] of events) {
    // One that may be executed nevertheless says so: it was sent before.
    const cancelled = ofCommand.find(({ state, mayBeExecuted }) => state === 'cancelled' && !mayBeExecuted);
    if (cancelled !== undefined) cancelledAtMs.set(requestId, cancelled.atMs);
  }
  return [
    forbidden(
      'acknowledged by Kafka, not in the topic',
      [...acknowledged].filter((requestId) => !commands.has(requestId)),
    ),
    {
      what: 'acknowledged by Kafka, neither executed nor ended',
      isForbidden: !isDeviceSideBroken,
      cases: unfinished.filter(
        (requestId) => !requiresAnswer(requestId) && !expiredAtBroker.includes(requestId),
      ),
    },
    forbidden('the same of those that require an answer', unfinished.filter(requiresAnswer)),
    forbidden(
      '`succeeded`, not executed',
      proven.filter((life) => !executedInAnyLife.has(requestIdOf(life))),
    ),
    counted('left to the MQTT broker, where it expired', expiredAtBroker),
    forbidden('older after newer, without a mark', requestIdsOf(older.filter(isUnmarked))),
    counted('older after newer, with a mark', requestIdsOf(older.filter(isMarked))),
    forbidden('older after newer, where devices refuse a lower sequence', requestIdsOf(olderTaken)),
    forbidden('executed again, without a mark', requestIdsOf(again.filter(isUnmarked))),
    counted('executed again, with a mark', requestIdsOf(again.filter(isMarked))),
    forbidden('executed after its expiry, more than a second', requestIdsOf(late.filter(isVeryLate))),
    counted(
      'executed after its expiry, within a second',
      requestIdsOf(late.filter((one) => !isVeryLate(one))),
    ),
    forbidden(
      'executed after its event `cancelled`',
      requestIdsOf(
        executions.filter(({ requestId, atMs }) => atMs > (cancelledAtMs.get(requestId) ?? Infinity)),
      ),
    ),
  ];
}

/**
 * Returns the lives that were not executed, and have no end. A redrive that joined an earlier life because that one waits has an end if one of the others
 * was executed or ended after it joined.
 */
function findUnfinished(
  evidence: Evidence,
  accepted: readonly string[],
  executed: ReadonlySet<string>,
): string[] {
  const livesOf = Map.groupBy(accepted, requestIdOf);
  const executedInAnyLife = new Set([...executed].map(requestIdOf));

  function isFinished(life: string): boolean {
    const requestId = requestIdOf(life);
    if (executed.has(life) || eventsOf(evidence, life).some(isEnding)) return true;
    if (executedInAnyLife.has(requestId) && isAnswered(life)) return true;
    const joinedAtMs = eventsOf(evidence, life).find(({ behind }) => behind === requestId)?.atMs;
    return joinedAtMs !== undefined && hasEndedSince(requestId, joinedAtMs);
  }

  /** An answer that names no life is written as one of the first; it is one of each that began before. */
  function isAnswered(life: string): boolean {
    const begunAtMs = evidence.commands.get(life)?.writtenAtMs ?? 0;
    return (
      eventsOf(evidence, life).some(isAnswer) ||
      eventsOf(evidence, requestIdOf(life)).some((event) => isAnswer(event) && event.atMs >= begunAtMs)
    );
  }

  function hasEndedSince(requestId: string, sinceMs: number): boolean {
    return (livesOf.get(requestId) ?? []).some(
      (life) =>
        executed.has(life) ||
        eventsOf(evidence, life).some(
          (event) => event.atMs >= sinceMs && (isEnding(event) || isAnswer(event)),
        ),
    );
  }

  return accepted.filter((life) => !isFinished(life));
}

const isAnswer = ({ state }: WrittenEvent): boolean => state === 'succeeded';

function forbidden(what: string, cases: readonly string[]): Count {
  return { what, isForbidden: true, cases };
}

function counted(what: string, cases: readonly string[]): Count {
  return { what, isForbidden: false, cases };
}

function eventsOf({ events }: Evidence, requestId: string): readonly WrittenEvent[] {
  return events.get(requestId) ?? [];
}

function isEnding({ state }: WrittenEvent): boolean {
  return endings.includes(state);
}

/** The broker has acknowledged it and drops it when its time is over: evidence `gateway` says no more. */
function mayExpireAtBroker(evidence: Evidence, requestId: string): boolean {
  const { expiresAtMs, requiredEvidence } = evidence.commands.get(requestId) ?? {};
  return (
    requiredEvidence === 'gateway' &&
    expiresAtMs !== undefined &&
    eventsOf(evidence, requestId).some(({ state }) => state === 'delivered')
  );
}

const isMarked = ({ mayBeRepeat }: Execution): boolean => mayBeRepeat;
const isUnmarked = ({ mayBeRepeat }: Execution): boolean => !mayBeRepeat;

/** Executions after one of a later command of the device. */
function findOlder({ commands, executions }: Evidence): Execution[] {
  const newest = new Map<string, number>();
  return executions.filter(({ requestId, deviceId }) => {
    const offset = commands.get(requestId)?.offset ?? 0;
    const newestOffset = newest.get(deviceId) ?? -1;
    newest.set(deviceId, Math.max(offset, newestOffset));
    return offset < newestOffset;
  });
}

/** Executions of devices that refuse a command with a lower sequence than that of one that they have executed. */
function refuseOlder(executions: readonly Execution[]): Execution[] {
  const newest = new Map<string, number>();
  return executions.filter(({ deviceId, sequence = '' }) => {
    const [, partition = '', offset = ''] = /^(\d+):(\d+)$/.exec(sequence) ?? [];
    const key = `${deviceId} ${partition}`;
    const newestOffset = newest.get(key) ?? -1;
    newest.set(key, Math.max(Number(offset), newestOffset));
    return sequence === '' || Number(offset) >= newestOffset;
  });
}

function findAgain(executions: readonly Execution[]): Execution[] {
  const seen = new Set<string>();
  return executions.filter(({ requestId }) => {
    const isAgain = seen.has(requestId);
    seen.add(requestId);
    return isAgain;
  });
}
