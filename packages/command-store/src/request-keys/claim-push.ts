import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue, PusherError, RequestConflictError } from '@preservarium/core';
import type { PusherService, PushReceipt } from '@preservarium/publisher';
import type { RequestClaim, RequestKeys } from './request-keys.js';

/** A push under an idempotency key. */
export interface ClaimedPush extends Pick<PusherService, 'pushCommand'> {
  /** The id of the command: the key, or a new one where another caller pushed a command of that id to the device. */
  readonly requestId: string;
  /** True if the request was acknowledged before: `pushCommand` resolves with the first receipt and pushes nothing. */
  readonly isRepeat: boolean;
}

/** Codes of a push that has sent nothing. */
const unsent: readonly string[] = ['VALIDATION_FAILED', 'CAPABILITY_MISMATCH', 'MESSAGE_TOO_LARGE'];

/**
 * Claims the key of a push. After a crash between the claim and the acknowledgement, the same request pushes again with the same request
 * id: to the connectors, it is the same command.
 *
 * @throws RequestConflictError where the key belongs to another request
 */
export async function claimPush(
  { keys, service }: { readonly keys: RequestKeys; readonly service: Pick<PusherService, 'pushCommand'> },
  claim: RequestClaim,
): Promise<ClaimedPush> {
  const claimed = await keys.claim(claim);
  if (claimed.kind === 'other') throw new RequestConflictError(claim.key);
  const { requestId } = claimed;

  async function push(...[command, options]: Parameters<PusherService['pushCommand']>): Promise<PushReceipt> {
    try {
      const receipt = await service.pushCommand({ ...command, requestId }, options);
      // Kafka has the command: without the receipt, a repeated request pushes it again under the same id.
      const kept = await keys.confirm(claim, receipt).catch(() => receipt);
      return { requestId, ...kept };
    } catch (error) {
      if (PusherError.isInstance(error) && unsent.includes(error.code)) await keys.release(claim);
      throw error;
    }
  }

  return {
    requestId,
    isRepeat: claimed.kind === 'confirmed',
    pushCommand: claimed.kind === 'confirmed' ? async () => ({ requestId, ...claimed.receipt }) : push,
  };
}

/** Returns a text that is the same for the same JSON, whatever the order of its fields. */
export function fingerprintOf(value: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('base64url');
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
