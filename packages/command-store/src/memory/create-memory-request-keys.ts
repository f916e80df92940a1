import type { PublishReceipt } from '@preservarium/backend';
import { createRequestId } from '@preservarium/core';
import type { RequestClaim, RequestKeys } from '../request-keys/request-keys.js';

interface Claimed {
  readonly fingerprint: string;
  readonly requestId: string;
  readonly deviceId: string;
  readonly claimedAtMs: number;
  leasedUntilMs: number;
  receipt?: PublishReceipt;
}

/** Request keys that are gone with the process: for tests. */
export function createMemoryRequestKeys(): RequestKeys {
  const claims = new Map<string, Claimed>();
  const keyOf = ({ scope, deviceId, key }: RequestClaim) => JSON.stringify([scope, deviceId, key]);

  function isTaken(deviceId: string, requestId: string): boolean {
    return [...claims.values()].some((each) => each.deviceId === deviceId && each.requestId === requestId);
  }

  const keys: RequestKeys = {
    async claim(claim, leaseMs) {
      const { deviceId, key, fingerprint } = claim;
      const known = claims.get(keyOf(claim));
      if (known === undefined) {
        const requestId = isTaken(deviceId, key) ? createRequestId() : key;
        const leasedUntilMs = Date.now() + leaseMs;
        claims.set(keyOf(claim), {
          fingerprint,
          requestId,
          deviceId,
          claimedAtMs: Date.now(),
          leasedUntilMs,
        });
        return { kind: 'open', requestId };
      }
      if (known.fingerprint !== fingerprint) return { kind: 'other' };
      const { requestId, receipt } = known;
      if (receipt !== undefined) return { kind: 'confirmed', requestId, receipt };
      if (known.leasedUntilMs > Date.now()) return { kind: 'leased' };
      known.leasedUntilMs = Date.now() + leaseMs;
      return { kind: 'open', requestId };
    },
    async renew(claim, leaseMs) {
      const known = claims.get(keyOf(claim));
      if (known !== undefined) known.leasedUntilMs = Date.now() + leaseMs;
    },
    async endLease(claim) {
      const known = claims.get(keyOf(claim));
      if (known !== undefined) known.leasedUntilMs = 0;
    },
    async confirm(claim, receipt) {
      const known = claims.get(keyOf(claim));
      if (known === undefined) return receipt;
      known.receipt ??= receipt;
      return known.receipt;
    },
    async release(claim) {
      if (claims.get(keyOf(claim))?.receipt === undefined) claims.delete(keyOf(claim));
    },
    async prune(before) {
      const old = [...claims].filter(([, { claimedAtMs }]) => claimedAtMs < before.getTime());
      for (const [key] of old) claims.delete(key);
      return old.length;
    },
    async close() {},
    [Symbol.asyncDispose]: () => keys.close(),
  };
  return keys;
}
