import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';

/** Returns a failed outcome for each record, all with the same error. */
export function failAll(records: readonly PublishRecord[], error: PusherError): PublishOutcome[] {
  return records.map(() => ({ ok: false, error }));
}
