import type { JsonObject } from '@preservarium/core';

/** The origin of a request. */
export interface Caller {
  /** For example `key:dashboard`, or `token:` with the subject; it is `issued_by` of commands. */
  readonly id: string;
  /** The id of the API key; undefined for a caller with a token. */
  readonly keyId?: string | undefined;
  /** The claims of the token; undefined for a caller with a key. */
  readonly claims?: JsonObject | undefined;
}
