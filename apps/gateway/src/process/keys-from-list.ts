import { createHash } from 'node:crypto';
import type { ApiKeys } from '@preservarium/access';

/** Returns the keys of `API_KEYS`: their ids are `api-key-1` and so on, in the order of the list. */
export function keysFromList(list: readonly string[]): ApiKeys {
  const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');
  const entries = new Map(
    list.map((text, index) => [hashOf(text), { id: `api-key-${index + 1}`, sha256: hashOf(text) }]),
  );
  return (text) => entries.get(hashOf(text));
}
