import type { Caller } from '@preservarium/access';
import { type ClaimedPush, claimPush, fingerprintOf } from '@preservarium/command-store';
import type { JsonValue } from '@preservarium/core';
import type { GatewayParts } from '../gateway-parts.js';

export interface PushRequest {
  readonly caller: Caller;
  /** The body as it was sent: the same one again is the same request. */
  readonly body: unknown;
  readonly key: string | undefined;
  readonly deviceId: string;
  readonly requestId: string;
}

/** Returns how to push a command: once for all requests with its idempotency key, if it has one. */
export async function openPush(
  { service, requestKeys }: Pick<GatewayParts, 'service' | 'requestKeys'>,
  { caller, body, key, deviceId, requestId }: PushRequest,
): Promise<ClaimedPush> {
  if (key === undefined) return { requestId, isRepeat: false, pushCommand: service.pushCommand };
  const fingerprint = fingerprintOf(body as JsonValue);
  return claimPush({ keys: requestKeys, service }, { scope: caller.id, deviceId, key, fingerprint });
}
