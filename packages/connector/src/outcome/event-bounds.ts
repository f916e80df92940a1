import type { ConsumedRecord } from '@preservarium/backend';
import { cutText, deviceIdSchema } from '@preservarium/core';

const maxKeyBytes = 1_024;

/** Returns the reason, cut to 1,000 characters: it may quote what a device or a record says. */
export function cutReason<Reason extends string | undefined>(reason: Reason): Reason | string {
  return reason === undefined ? reason : cutText(reason);
}

/** Returns the key of a record that cannot be read, where a device can have this id, else `unknown`. */
export function deviceIdOf({ key }: Pick<ConsumedRecord, 'key'>): string {
  if (key === null || key.length > maxKeyBytes) return 'unknown';
  const parsed = deviceIdSchema.safeParse(key.toString());
  return parsed.success ? parsed.data : 'unknown';
}
