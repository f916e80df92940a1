import type { ClaimedPush } from '@preservarium/command-store';
import {
  AbortedError,
  ClosedError,
  CommandFailedError,
  type Lifecycle,
  type ParsedCommand,
  WaitTimedOutError,
} from '@preservarium/core';
import type { PushReceipt } from '@preservarium/publisher';
import { type AwaitedState, hasReached } from '@preservarium/tracking';
import type { GatewayParts } from '../gateway-parts.js';

export interface WaitOptions {
  readonly until: AwaitedState;
  readonly timeoutMs: number;
  /** Deadline for Kafka to acknowledge the push, which a shorter wait does not cut off. */
  readonly pushTimeoutMs: number;
  /** Aborting ends the wait. */
  readonly signal: AbortSignal;
}

export type WaitOutcome =
  | { readonly isReached: boolean; readonly lifecycle: Lifecycle }
  /** Kafka has the command, and nothing else is known of it. */
  | { readonly isReached: false; readonly lifecycle: undefined; readonly receipt: PushReceipt };

/**
 * Pushes a command and waits until it has got so far, or came to another end. A wait that ends early has the state so far: what Kafka has
 * acknowledged is accepted, whatever becomes of the wait.
 *
 * @throws what the push throws
 */
export async function pushAndWait(
  { tracker, store }: Pick<GatewayParts, 'tracker' | 'store'>,
  push: ClaimedPush,
  command: ParsedCommand,
  { until, timeoutMs, pushTimeoutMs, signal }: WaitOptions,
): Promise<WaitOutcome> {
  const { requestId } = push;
  const id = { deviceId: command.deviceId, requestId };
  if (push.isRepeat) {
    // The tracker knows nothing of what happened before it began.
    const known = await store.get(id);
    if (known !== undefined && (known.isFinal || hasReached(known, until))) {
      return { isReached: true, lifecycle: known };
    }
  }
  let pushing: Promise<PushReceipt> | undefined;
  const service = {
    pushCommand(input: Parameters<ClaimedPush['pushCommand']>[0]) {
      pushing = push.pushCommand(input, { timeoutMs: pushTimeoutMs });
      return pushing;
    },
  };
  try {
    const input = { ...command, requestId };
    const lifecycle = await tracker.pushAndWait(service, input, { until, timeoutMs, signal });
    return { isReached: true, lifecycle };
  } catch (error) {
    if (CommandFailedError.isInstance(error)) return { isReached: true, lifecycle: error.lifecycle };
    if (!isEndOfWait(error) || pushing === undefined) throw error;
    const receipt = await pushing;
    const known = WaitTimedOutError.isInstance(error) ? error.lifecycle : undefined;
    const lifecycle = push.isRepeat ? ((await store.get(id)) ?? known) : known;
    return lifecycle === undefined
      ? { isReached: false, lifecycle, receipt }
      : { isReached: lifecycle.isFinal, lifecycle };
  }
}

function isEndOfWait(error: unknown): boolean {
  return (
    WaitTimedOutError.isInstance(error) || AbortedError.isInstance(error) || ClosedError.isInstance(error)
  );
}
