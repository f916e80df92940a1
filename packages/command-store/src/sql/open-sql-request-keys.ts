import type { PublishReceipt } from '@preservarium/backend';
import { createRequestId } from '@preservarium/core';
import type { ClaimedRequest, RequestClaim, RequestKeys } from '../request-keys/request-keys.js';
import { migrateTables } from './migrate-tables.js';
import { requestKeyTables } from './request-key-tables.js';
import type { SqlDatabase } from './sql-database.js';

const versionTable = 'pusher_request_keys_version';
const ofKey = 'device_id = $1 AND idempotency_key = $2 AND scope = $3';

/** The request keys on a database, which is given their tables first; closes the database where that fails. */
export async function openSqlRequestKeys(database: SqlDatabase): Promise<RequestKeys> {
  try {
    await migrateTables(database, requestKeyTables(database.dialect), versionTable);
  } catch (error) {
    await database.close();
    throw error;
  }
  return createSqlRequestKeys(database);
}

function createSqlRequestKeys({ query, close, dialect: { nowMs } }: SqlDatabase): RequestKeys {
  const parametersOf = ({ deviceId, key, scope }: RequestClaim) => [deviceId, key, scope];

  /** One statement, so that of several processes one is the first. */
  async function insert(claim: RequestClaim, requestId: string, leaseMs: number): Promise<boolean> {
    const rows = await query(
      `INSERT INTO pusher_request_keys (device_id, idempotency_key, scope, fingerprint, request_id, claimed_at_ms, leased_until_ms)
       VALUES ($1, $2, $3, $4, $5, $6, ${nowMs} + $7) ON CONFLICT DO NOTHING RETURNING request_id`,
      [...parametersOf(claim), claim.fingerprint, requestId, Date.now(), leaseMs],
    );
    return rows.length > 0;
  }

  async function find(claim: RequestClaim): Promise<ClaimedRequest | undefined> {
    const [row] = await query(
      `SELECT fingerprint, request_id, receipt FROM pusher_request_keys WHERE ${ofKey}`,
      parametersOf(claim),
    );
    if (row === undefined) return undefined;
    if (row.fingerprint !== claim.fingerprint) return { kind: 'other' };
    const requestId = String(row.request_id);
    if (row.receipt === null) return { kind: 'open', requestId };
    return { kind: 'confirmed', requestId, receipt: JSON.parse(String(row.receipt)) as PublishReceipt };
  }

  /** Returns whether the lease of another one had ended, and this one has it now. */
  async function takeOver(claim: RequestClaim, leaseMs: number): Promise<boolean> {
    const rows = await query(
      `UPDATE pusher_request_keys SET leased_until_ms = ${nowMs} + $4
       WHERE ${ofKey} AND receipt IS NULL AND leased_until_ms <= ${nowMs} RETURNING request_id`,
      [...parametersOf(claim), leaseMs],
    );
    return rows.length > 0;
  }

  const keys: RequestKeys = {
    async claim(claim, leaseMs) {
      // The key itself is the request id, unless another caller has it for this device.
      for (let requestId = claim.key; ; requestId = createRequestId()) {
        if (await insert(claim, requestId, leaseMs)) return { kind: 'open', requestId };
        const known = await find(claim);
        if (known === undefined) continue;
        return known.kind !== 'open' || (await takeOver(claim, leaseMs)) ? known : { kind: 'leased' };
      }
    },
    async renew(claim, leaseMs) {
      const leased = `UPDATE pusher_request_keys SET leased_until_ms = ${nowMs} + $4 WHERE ${ofKey} AND receipt IS NULL`;
      await query(leased, [...parametersOf(claim), leaseMs]);
    },
    async endLease(claim) {
      await query(`UPDATE pusher_request_keys SET leased_until_ms = 0 WHERE ${ofKey}`, parametersOf(claim));
    },
    async confirm(claim, receipt) {
      const [kept] = await query(
        `UPDATE pusher_request_keys SET receipt = COALESCE(receipt, $4) WHERE ${ofKey} RETURNING receipt`,
        [...parametersOf(claim), JSON.stringify(receipt)],
      );
      return kept === undefined ? receipt : (JSON.parse(String(kept.receipt)) as PublishReceipt);
    },
    async release(claim) {
      await query(`DELETE FROM pusher_request_keys WHERE ${ofKey} AND receipt IS NULL`, parametersOf(claim));
    },
    async prune(before) {
      const deleted = 'DELETE FROM pusher_request_keys WHERE claimed_at_ms < $1 RETURNING claimed_at_ms';
      return (await query(deleted, [before.getTime()])).length;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return keys;
}
