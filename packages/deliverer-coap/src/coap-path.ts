import { ValidationError } from '@preservarium/core';

/** A path as CoAP sends it: each segment and each parameter of the query an option of its own. */
export interface CoapPath {
  readonly segments: readonly string[];
  readonly queries: readonly string[];
}

const maxOptionBytes = 255;

/**
 * Takes a path such as `/lights/7?level=3` apart, percent-encoding undone (RFC 7252, section 6.4). Empty segments are left out.
 *
 * @throws ValidationError where CoAP cannot carry it, or a segment would lead out of its place: `.` and `..`, also when encoded
 *   or next to an encoded slash
 */
export function parseCoapPath(path: string): CoapPath {
  const queryAt = path.indexOf('?');
  const pathname = queryAt < 0 ? path : path.slice(0, queryAt);
  const query = queryAt < 0 ? '' : path.slice(queryAt + 1);
  const segments = pathname.split('/').filter(isPresent).map(decode);
  const queries = query.split('&').filter(isPresent).map(decode);
  if (segments.some(leadsOut)) {
    throw unfit('must have no "." or ".." segment');
  }
  return { segments, queries };
}

/** A gateway may decode a segment once more, and take what follows a ";" for a parameter of it. */
function leadsOut(segment: string): boolean {
  if (segment.split('/').some((part) => /^\.{1,2}(;|$)/.test(part))) return true;
  if (!/%[\da-f]{2}/i.test(segment)) return false;
  const further = segment.replace(/%[\da-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
  return /\p{Cc}/u.test(further) || leadsOut(further);
}

function decode(text: string): string {
  const decoded = decodePercent(text);
  if (!decoded.isWellFormed() || /\p{Cc}/u.test(decoded)) throw unfit('must have no control characters');
  if (Buffer.byteLength(decoded) > maxOptionBytes) {
    throw unfit(`must have segments and parameters of at most ${maxOptionBytes} bytes`);
  }
  return decoded;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw unfit(`"${text}" is not percent-encoded UTF-8; write a percent sign as %25`, cause);
  }
}

function isPresent(text: string): boolean {
  return text !== '';
}

function unfit(message: string, cause?: unknown): ValidationError {
  return new ValidationError('command', [{ path: 'path', message }], { cause });
}
