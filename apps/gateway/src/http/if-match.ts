import { HttpError } from './problem.js';

/**
 * Returns the version of the settings that a change is meant for, by the header `If-Match`: undefined without the header. `*` and a list of entity tags
 * mean the current version if they match it.
 *
 * @param current undefined where there are no desired settings
 * @throws HttpError 400 for what is no entity tag, and 412 where none matches
 */
export function versionOfIfMatch(
  header: string | undefined,
  current: number | undefined,
): number | undefined {
  if (header === undefined) return undefined;
  if (header === '*') return current ?? unmatched(header, current);
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag))) throw malformed();
  const [first] = tags;
  // Another gateway may know a newer version than this one.
  const only = tags.length === 1 ? versionOf(first as string) : undefined;
  if (only !== undefined) return only;
  const version = current ?? withoutSettings;
  return tags.some((tag) => versionOf(tag) === version) ? version : unmatched(header, current);
}

/** The version of a device without desired settings. */
const withoutSettings = -1;

/** A weak tag matches nothing. */
function versionOf(tag: string): number | undefined {
  const [, digits] = /^"(-1|\d{1,15})"$/.exec(tag) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function unmatched(header: string, current: number | undefined): never {
  const has = current === undefined ? 'the device has no desired settings' : `their version is "${current}"`;
  const detail = `the desired settings are not those of If-Match: ${header.slice(0, 100)}; ${has}`;
  throw new HttpError({ status: 412, code: 'SETTINGS_CONFLICT', detail });
}

function malformed(): HttpError {
  const message =
    'must be the ETag of the settings, for example "42", or "-1" for a device without desired settings';
  return new HttpError({
    status: 400,
    code: 'VALIDATION_FAILED',
    detail: `invalid headers: If-Match: ${message}`,
    issues: [{ path: 'If-Match', message }],
  });
}
