import { HttpError } from './problem.js';

/**
 * Returns the version that the header `If-Match` names; undefined without the header, and for `*`.
 *
 * @throws HttpError 400 for anything but one entity tag of the settings
 */
export function versionOfIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const [, digits] = /^"(-1|\d{1,15})"$/.exec(header) ?? [];
  if (digits !== undefined) return Number(digits);
  const message =
    'must be the ETag of the settings, for example "42", or "-1" for a device without desired settings';
  throw new HttpError({
    status: 400,
    code: 'VALIDATION_FAILED',
    detail: `invalid headers: If-Match: ${message}`,
    issues: [{ path: 'If-Match', message }],
  });
}
