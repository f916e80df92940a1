import type { DeliveryResult } from '@preservarium/deliverer';
import type { Outcomes } from '../outcome/outcomes.js';
import type { PendingCommand } from '../pending-command.js';
import type { Device } from './device.js';
import type { RetryPolicy } from './retry-policy.js';

export interface AttemptResultsOptions {
  readonly outcomes: Pick<Outcomes, 'conclude'>;
  readonly retry: RetryPolicy;
  onDelivered(device: Device, pending: PendingCommand): void;
  /** Ends a command that another one replaces. @param by the request id of that one */
  supersede(device: Device, older: PendingCommand, by: string): void;
  defer(device: Device, pending: PendingCommand, reason: string): void;
}

type Failure = Extract<DeliveryResult, { kind: 'retryable' }>;

/** Returns what turns the result of an attempt into the end of the command, a retry, or a deferral of all that the device has. */
export function createAttemptResults(options: AttemptResultsOptions) {
  const { conclude } = options.outcomes;

  function onResult(device: Device, pending: PendingCommand, result: DeliveryResult): void {
    if (result.kind === 'delivered') {
      options.onDelivered(device, pending);
      device.queue.remove(pending);
      const { evidence, reason, result: answer } = result;
      conclude(pending, {
        state: 'delivered',
        evidence,
        result: answer,
        ...(reason !== undefined && { reason }),
      });
    } else if (result.kind === 'rejected') {
      device.queue.remove(pending);
      conclude(pending, { state: 'rejected', reason: result.reason, deadLetter: 'rejected' });
    } else if (!pending.ledger.abandoned.aborted) fail(device, pending, result);
  }

  function fail(device: Device, pending: PendingCommand, result: Failure): void {
    const newer = newerOf(device, pending);
    if (pending.ledger.isCancelled(pending.command)) {
      device.queue.remove(pending);
      conclude(pending, { state: 'cancelled' });
    } else if (newer === undefined) tryLater(device, pending, result);
    else options.supersede(device, pending, newer);
  }

  function tryLater(device: Device, pending: PendingCommand, result: Failure): void {
    const isWaiting = pending.waitingSinceMs !== undefined;
    const decision = options.retry({ attempts: pending.attempts, isWaiting }, result);
    if (decision.kind === 'give up') {
      device.queue.remove(pending);
      conclude(pending, { state: 'dead', reason: decision.reason, deadLetter: 'exhausted' });
      return;
    }
    device.nextAttemptAtMs = performance.now() + decision.afterMs;
    if (decision.kind === 'retry' && !isWaiting) return;
    for (const next of device.queue.all()) {
      if (next.waitingSinceMs !== undefined) continue;
      device.queue.remove(next);
      options.defer(device, next, result.reason);
    }
  }

  return onResult;
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
