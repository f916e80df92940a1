import type { Caller } from '@preservarium/access';
import { type ClaimedPush, claimPush, fingerprintOf } from '@preservarium/command-store';
import { type JsonValue, jsonSourceOf, parseExactJson } from '@preservarium/core';
import type { GatewayParts } from '../gateway-parts.js';

export interface PushRequest {
  readonly caller: Caller;
  /** The body as it was sent: the same one again is the same request. */
  readonly body: unknown;
  readonly key: string | undefined;
  readonly deviceId: string;
  readonly requestId: string;
  /** How long to wait for the same request where it is being pushed, in milliseconds. */
  readonly timeoutMs: number;
}

/** Returns how to push a command: once for all requests with its idempotency key, if it has one. */
export async function openPush(
  { service, requestKeys }: Pick<GatewayParts, 'service' | 'requestKeys'>,
  { caller, body, key, deviceId, requestId, timeoutMs }: PushRequest,
): Promise<ClaimedPush> {
  if (key === undefined) return { requestId, isRepeat: false, pushCommand: service.pushCommand };
  const fingerprint = fingerprintOf(exactly(body));
  return claimPush(
    { keys: requestKeys, service, timeoutMs },
    { scope: caller.id, deviceId, key, fingerprint },
  );
}

/** Two numbers may differ only in digits that a number of JavaScript does not hold. */
function exactly(body: unknown): JsonValue {
  const source = jsonSourceOf(body as object);
  return (source === undefined ? body : parseExactJson(Buffer.from(source).toString())) as JsonValue;
}
