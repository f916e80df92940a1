import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  exactNumbers,
  isJsonObject,
  type JsonValue,
  keepNumberTexts,
  PublishTimedOutError,
  PusherError,
  RequestConflictError,
} from '@preservarium/core';
import type { PusherService, PushReceipt } from '@preservarium/publisher';
import type { ClaimedRequest, RequestClaim, RequestKeys } from './request-keys.js';

/** A push under an idempotency key. */
export interface ClaimedPush extends Pick<PusherService, 'pushCommand'> {
  /** The id of the command: the key, or a new one where another caller pushed a command of that id to the device. */
  readonly requestId: string;
  /** True if the request was acknowledged before: `pushCommand` resolves with the first receipt and pushes nothing. */
  readonly isRepeat: boolean;
}

interface ClaimPushOptions {
  readonly keys: RequestKeys;
  readonly service: Pick<PusherService, 'pushCommand'>;
  /** How long to wait for the same request where it is being pushed, here or by another process; in milliseconds. */
  readonly timeoutMs: number;
}

/** After a crash of the process that pushes, another one takes over so much later. */
const leaseMs = 5_000;
const renewalMs = 1_000;
const firstPauseMs = 10;
const maxPauseMs = 200;

/** Codes of a push that has sent nothing. */
const unsent: readonly string[] = ['VALIDATION_FAILED', 'CAPABILITY_MISMATCH', 'MESSAGE_TOO_LARGE'];

/**
 * Claims the key of a push. While the same request is being pushed elsewhere, this call waits for its outcome. After a crash between the claim
 * and the acknowledgement, the same request pushes again with the same request id: to the connectors, it is the same command.
 *
 * @throws RequestConflictError where the key belongs to another request
 * @throws PublishTimedOutError where the push elsewhere takes longer than `timeoutMs`
 */
export async function claimPush(
  { keys, service, timeoutMs }: ClaimPushOptions,
  claim: RequestClaim,
): Promise<ClaimedPush> {
  const claimed = await claimWithin(keys, claim, timeoutMs);
  if (claimed.kind === 'other') throw new RequestConflictError(claim.key);
  const { requestId } = claimed;

  async function push(...[command, options]: Parameters<PusherService['pushCommand']>): Promise<PushReceipt> {
    // A renewal that fails leaves the lease as it is: the next one tries again.
    const renewing = setInterval(() => keys.renew(claim, leaseMs).catch(() => {}), renewalMs);
    try {
      const receipt = await service.pushCommand({ ...command, requestId }, options);
      // Kafka has the command: without the receipt, a repeated request pushes it again under the same id.
      const kept = await keys.confirm(claim, receipt).catch(() => receipt);
      return { requestId, ...kept };
    } catch (error) {
      const isUnsent = PusherError.isInstance(error) && unsent.includes(error.code);
      // Without the store, the lease ends by itself.
      await (isUnsent ? keys.release(claim) : keys.endLease(claim)).catch(() => {});
      throw error;
    } finally {
      clearInterval(renewing);
    }
  }

  return {
    requestId,
    isRepeat: claimed.kind === 'confirmed',
    pushCommand: claimed.kind === 'confirmed' ? async () => ({ requestId, ...claimed.receipt }) : push,
  };
}

/** Claims a key again and again while the request is carried out elsewhere. */
async function claimWithin(
  keys: RequestKeys,
  claim: RequestClaim,
  timeoutMs: number,
): Promise<Exclude<ClaimedRequest, { kind: 'leased' }>> {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    const claimed = await keys.claim(claim, leaseMs);
    if (claimed.kind !== 'leased') return claimed;
    if (performance.now() > giveUpAtMs) throw new PublishTimedOutError(timeoutMs, { mayBeWritten: true });
    await pause(pauseMs);
  }
}

/** Returns a text that is the same for the same JSON, whatever the order of its fields. Numbers of `parseExactJson` differ by all their digits. */
export function fingerprintOf(value: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify(exactNumbers(sorted(value))))
    .digest('base64url');
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return keepNumberTexts(value.map(sorted), value);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return keepNumberTexts(Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)])), value);
}
