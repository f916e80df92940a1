import { noHeaders, type PublishRecord, type RecordSigner, type SigningTerms } from '@preservarium/backend';
import { createHeaderEncoder } from './protected-header.js';
import { hashOfHeaders, headerOf } from './signature-header.js';
import { type SigningKey, signatureOf } from './signing-key.js';

export interface RecordSignerOptions {
  /** The key, or a function that gives the one to sign with now: see `signingKeyFromFile`. */
  readonly key: SigningKey | (() => SigningKey);
  /** How long a signature is good at least, in milliseconds: as long as a record may stay in its topic. Default 7 days, Kafka's default retention. */
  readonly validityMs?: number;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
}

const weekMs = 7 * 24 * 3_600_000;
const dot = 0x2e;

/**
 * Creates the function that signs records: a detached JWS (RFC 7515) over the bytes of the value (RFC 7797) in the header `signature`.
 *
 * ```ts
 * const service = createPusherService({ backend, sign: createRecordSigner({ key: signingKeyFromFile('dashboard.jwk') }) });
 * ```
 */
export function createRecordSigner(options: RecordSignerOptions): RecordSigner {
  const { key, validityMs = weekMs, clock = Date.now } = options;
  const encodeHeader = createHeaderEncoder();
  const keyNow = typeof key === 'function' ? key : () => key;

  return (record: PublishRecord, { kind, id, expiresAt }: SigningTerms): PublishRecord => {
    const signingKey = keyNow();
    const name = headerOf(kind);
    const headers = record.headers?.filter(([found]) => found !== name) ?? noHeaders;
    const nowMs = clock();
    const header = encodeHeader(
      {
        alg: signingKey.algorithm,
        typ: `${kind}+jws`,
        kid: signingKey.keyId,
        iss: signingKey.issuer,
        aud: record.topic,
        hdr: hashOfHeaders(headers, kind),
      },
      {
        sub: record.key.toString(),
        iat: nowMs / 1_000,
        exp:
          kind === 'settings' ? undefined : Math.max(nowMs + validityMs, expiresAt?.getTime() ?? 0) / 1_000,
        jti: id,
      },
    );
    const signature = signatureOf(signingKey, header, record.value);
    return { ...record, headers: [...headers, [name, detachedJws(header, signature)]] };
  };
}

/** Written in place: a text of three parts would be copied twice. */
function detachedJws(header: string, signature: string): Buffer {
  const bytes = Buffer.allocUnsafe(header.length + 2 + signature.length);
  const end = bytes.write(header, 0, 'latin1');
  bytes[end] = dot;
  bytes[end + 1] = dot;
  bytes.write(signature, end + 2, 'latin1');
  return bytes;
}
