import type { SignedKind } from '@preservarium/backend';
import { type Algorithm, algorithms } from './signing-key.js';

/** The header of a signature, which the signature protects: RFC 7515, section 4, with claims of RFC 7519. */
export interface ProtectedHeader {
  readonly alg: Algorithm;
  /** The value of the record is signed as it is (RFC 7797). */
  readonly b64: false;
  readonly crit: readonly ['b64'];
  /** `command+jws`, `cancel+jws`, `redrive+jws` or `settings+jws`. */
  readonly typ: `${SignedKind}+jws`;
  readonly kid: string;
  readonly iss: string;
  /** The topic. */
  readonly aud: string;
  /** The device: the key of the record. */
  readonly sub: string;
  /** In seconds since 1970, with milliseconds. */
  readonly iat: number;
  /** In seconds since 1970, with milliseconds. Settings have none: they are good until others replace them. */
  readonly exp?: number | undefined;
  /** The request id. */
  readonly jti: string;
  /** SHA-256 of the headers that mean something. */
  readonly hdr: string;
}

/** Far more than a header with the longest topic, device and request id has. */
const maxCharacters = 8_192;

/** The members that are the same for many records. */
type SharedMembers = Pick<ProtectedHeader, 'alg' | 'typ' | 'kid' | 'iss' | 'aud' | 'hdr'>;
/** The members of one record. */
type OwnMembers = Pick<ProtectedHeader, 'sub' | 'iat' | 'exp' | 'jti'>;

/**
 * Creates the function that returns a header as base64url. It keeps the members that stay the same from one record to the next. They come apart from
 * the others: to take them out of one object costs as much as a hash.
 */
export function createHeaderEncoder(): (shared: SharedMembers, own: OwnMembers) => string {
  let last: Partial<SharedMembers> = {};
  let start = '';

  return (shared, { sub, iat, exp, jti }) => {
    const { alg, typ, kid, iss, aud, hdr } = shared;
    const isLast =
      last.aud === aud &&
      last.hdr === hdr &&
      last.kid === kid &&
      last.typ === typ &&
      last.iss === iss &&
      last.alg === alg;
    if (!isLast) {
      last = shared;
      const same = { alg, b64: false, crit: ['b64'], typ, kid, iss, aud, hdr };
      start = startOf(JSON.stringify(same).slice(0, -1));
    }
    const until = exp === undefined ? '' : `"exp":${exp},`;
    const end = `,"sub":${JSON.stringify(sub)},"iat":${iat},${until}"jti":${JSON.stringify(jti)}}`;
    return start + Buffer.from(end).toString('base64url');
  };
}

/** Adds white space, which JSON allows here: base64url of three bytes goes on after four characters. */
function startOf(json: string): string {
  const bytes = Buffer.byteLength(json);
  return Buffer.from(json + ' '.repeat((3 - (bytes % 3)) % 3)).toString('base64url');
}

/** Returns undefined for what {@link createHeaderEncoder} cannot have written; never throws. */
export function decodeProtectedHeader(text: string): ProtectedHeader | undefined {
  if (text.length > maxCharacters) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  const header = (content ?? {}) as Readonly<Record<keyof ProtectedHeader, unknown>>;
  const { crit } = header;
  const isReadable =
    algorithms.some((algorithm) => algorithm === header.alg) &&
    header.b64 === false &&
    Array.isArray(crit) &&
    crit.length === 1 &&
    crit[0] === 'b64' &&
    typeof header.typ === 'string' &&
    typeof header.kid === 'string' &&
    typeof header.iss === 'string' &&
    typeof header.aud === 'string' &&
    typeof header.sub === 'string' &&
    typeof header.jti === 'string' &&
    typeof header.hdr === 'string' &&
    Number.isFinite(header.iat) &&
    (header.typ === 'settings+jws' ? header.exp === undefined : Number.isFinite(header.exp));
  return isReadable ? (content as ProtectedHeader) : undefined;
}
