import type { DeliveryResult } from '@preservarium/deliverer';
import type { Wait } from '../outcome/conclusion.js';
import type { Outcomes } from '../outcome/outcomes.js';
import type { PendingCommand } from '../pending-command.js';
import type { AwaitedAnswer, AwaitedAnswers } from './awaited-answers.js';
import { cancelledEnd } from './cancelled-end.js';
import { deferNew } from './defer-new.js';
import type { DeliveredCommands } from './delivered-commands.js';
import { away, behindOthers, type Device } from './device.js';
import type { RequiredProof } from './required-proof.js';
import type { RetryPolicy } from './retry-policy.js';
import { supersededBy } from './supersession.js';

export interface AttemptResultsOptions {
  readonly outcomes: Pick<Outcomes, 'conclude' | 'handedOver' | 'waiting'>;
  readonly retry: RetryPolicy;
  readonly proof: RequiredProof;
  readonly awaited: AwaitedAnswers;
  readonly delivered: Pick<DeliveredCommands, 'add'>;
  readonly clock: () => number;
  defer(device: Device, pending: PendingCommand, wait: Wait): void;
}

type Failure = Extract<DeliveryResult, { kind: 'retryable' }>;

/** Turns the result of an attempt into the end of the command, a retry, a wait for the answer, or a deferral of all that the device has. */
export interface AttemptResults {
  onResult(device: Device, pending: PendingCommand, result: DeliveryResult): void;
  /** The device is away: all that it has waits, until it shows itself. */
  onAway(device: Device): void;
  /** The answer of the device has not come while it was awaited in memory. */
  onUnanswered(device: Device, awaited: AwaitedAnswer): void;
}

/** Nothing came from the device in time; it may have the command. */
const unanswered: Failure = { kind: 'retryable', reason: 'unanswered', unreachable: true };

export function createAttemptResults(options: AttemptResultsOptions): AttemptResults {
  const { outcomes, proof, awaited } = options;
  const { conclude } = outcomes;

  function onResult(device: Device, pending: PendingCommand, result: DeliveryResult): void {
    if (device.endedInFlight === pending) device.endedInFlight = undefined;
    else if (result.kind === 'delivered') deliver(device, pending, result);
    else if (result.kind === 'rejected') {
      device.queue.remove(pending);
      conclude(pending, { state: 'rejected', reason: result.reason, deadLetter: 'rejected' });
    } else goOn(device, pending, () => tryLater(device, pending, result));
  }

  function deliver(
    device: Device,
    pending: PendingCommand,
    { kind: state, evidence, reason, result }: Extract<DeliveryResult, { kind: 'delivered' }>,
  ): void {
    const step = reason === undefined ? { state, evidence, result } : { state, evidence, result, reason };
    if (proof.isEnough(pending.command, evidence)) {
      options.delivered.add(pending.command);
      device.queue.remove(pending);
      conclude(pending, step);
      return;
    }
    outcomes.handedOver(pending, step);
    goOn(device, pending, () => awaitAnswer(device, pending));
  }

  /** The attempt has not ended the command; a cancellation or a newer command that came meanwhile may do so. */
  function goOn(device: Device, pending: PendingCommand, further: () => void): void {
    if (pending.ledger.abandoned.aborted) return;
    const newer = newerOf(device, pending);
    const end =
      cancelledEnd(pending.ledger, pending.command) ??
      (newer === undefined ? undefined : supersededBy(newer));
    if (end === undefined) further();
    else {
      device.queue.remove(pending);
      conclude(pending, end);
    }
  }

  // ---- retries

  function tryLater(device: Device, pending: PendingCommand, result: Failure): void {
    const isWaiting = pending.waitingSinceMs !== undefined;
    const decision = options.retry({ attempts: pending.attempts, isWaiting }, result);
    if (decision.kind === 'give up') {
      device.queue.remove(pending);
      conclude(pending, { state: 'dead', reason: decision.reason, deadLetter: 'exhausted' });
      return;
    }
    device.nextAttemptAtMs = performance.now() + decision.afterMs;
    const wait = waitFor(device, result);
    if (decision.kind === 'retry' && !isWaiting) outcomes.waiting(pending, wait);
    else deferQueue(device, pending, wait);
  }

  /** Each command that does not wait yet is deferred, and says so once; the one that was attempted says so after each attempt. */
  function deferQueue(device: Device, pending: PendingCommand, wait: Wait): void {
    if (pending.waitingSinceMs !== undefined) outcomes.waiting(pending, wait);
    const behind = behindOthers(pending.command.requestId);
    deferNew(device, (next) => options.defer(device, next, next === pending ? wait : behind));
  }

  function waitFor({ nextAttemptAtMs }: Device, { reason }: Failure): Wait {
    return { reason, nextAttemptAt: new Date(options.clock() + nextAttemptAtMs - performance.now()) };
  }

  function onAway(device: Device): void {
    deferNew(device, (pending) => options.defer(device, pending, away));
  }

  // ---- answers of devices

  function awaitAnswer(device: Device, pending: PendingCommand): void {
    const untilMs = performance.now() + proof.answerWithinMs(pending.command);
    const isHeld = pending.waitingSinceMs === undefined && awaited.hold(device, pending, untilMs);
    if (!isHeld) rest(device, pending, untilMs);
  }

  function onUnanswered(device: Device, { pending, untilMs }: AwaitedAnswer): void {
    awaited.release(device);
    if (untilMs > performance.now()) rest(device, pending, untilMs);
    else tryLater(device, pending, unanswered);
  }

  /** The answer is awaited in the store: a device that is only waited for takes no memory. */
  function rest(device: Device, pending: PendingCommand, untilMs: number): void {
    const decision = options.retry({ attempts: pending.attempts, isWaiting: true }, unanswered);
    const backoffMs = decision.kind === 'give up' ? 0 : decision.afterMs;
    device.nextAttemptAtMs = untilMs + backoffMs;
    awaited.rest(device.channel, untilMs);
    deferQueue(device, pending, waitFor(device, unanswered));
  }

  return { onResult, onUnanswered, onAway };
}

/** The request id of a command that came to replace this one while its attempt was in flight. */
function newerOf(
  { queue, ledger }: Device,
  { command, record, waitingSinceMs }: PendingCommand,
): string | undefined {
  if (command.supersedeKey === undefined) return undefined;
  if (waitingSinceMs !== undefined) return ledger.waiting.get(record.offset)?.supersededBy;
  const newest = queue.newestOf(command.supersedeKey);
  return newest !== undefined && newest.record.offset > record.offset ? newest.command.requestId : undefined;
}
