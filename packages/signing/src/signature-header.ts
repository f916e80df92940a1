import { createHash } from 'node:crypto';
import type { RecordHeaders, SignedKind } from '@preservarium/backend';

/** The header of a record that has its signature: a detached JWS in its compact form (RFC 7515, appendix F; RFC 7797). */
const signatureHeader = 'signature';
/** The header that has the signature of the one who sends a command again; `signature` stays that of its first sender. */
const redriveSignatureHeader = 'redrive-signature';

/** Returns the name of the header that has the signature of a kind of record. */
export function headerOf(kind: SignedKind): string {
  return kind === 'redrive' ? redriveSignatureHeader : signatureHeader;
}

/** Headers that change the meaning of a record; all others may be added and removed on the way. */
const meaningful: Readonly<Record<SignedKind, ReadonlySet<string>>> = {
  command: new Set(['record-type']),
  cancel: new Set(['record-type']),
  settings: new Set(['record-type']),
  redrive: new Set(['record-type', 'redriven', signatureHeader]),
};

const hashOfNone = hashOf([]);

/** Returns the SHA-256 of the headers that mean something, in base64url. */
export function hashOfHeaders(headers: RecordHeaders, kind: SignedKind): string {
  const names = meaningful[kind];
  const found = headers.filter(([name]) => names.has(name));
  return found.length === 0 ? hashOfNone : hashOf(found);
}

function hashOf(headers: RecordHeaders): string {
  const content = headers.map(([name, value]) => [name, value?.toString('base64url') ?? null]);
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
