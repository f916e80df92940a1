import type { Action, Policy } from '@preservarium/access';
import {
  type ConsumedRecord,
  headerText,
  type RecordVerifier,
  type Refusal,
  type RefusalReason,
  type SignedContent,
  type SignedKind,
  type Verification,
} from '@preservarium/backend';
import { identityOfKeys } from './identity-of-keys.js';
import { decodeProtectedHeader, type ProtectedHeader } from './protected-header.js';
import type { VerificationKeys } from './read-keys.js';
import { hashOfHeaders, headerOf } from './signature-header.js';
import { isSignatureOf } from './signing-key.js';

export interface RecordVerifierOptions {
  /** The keys, or a function that gives those of now: see `verificationKeysFromFile`. */
  readonly keys: VerificationKeys | (() => VerificationKeys);
  /** Says what each key may ask for; its rules name the issuer as `key`. Default: everything. */
  readonly policy?: Policy | undefined;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
}

type SignedRecord = Pick<ConsumedRecord, 'topic' | 'key' | 'value' | 'headers'>;

interface Checked {
  readonly header: ProtectedHeader;
  /** The first 132 bits of the signature, in base64url, which have one form only. */
  readonly digest: string;
}

/** How far the clocks of those who sign may be ahead. */
const maxAheadMs = 60_000;
const noBytes = Buffer.alloc(0);
const base64url = /^[\w-]+$/;

/** A refusal on its way to `verify`. */
class Refused {
  constructor(readonly refusal: Refusal) {}
}

/**
 * Creates the verifier of what `createRecordSigner` signs. It finds out whose signature it is, and whether it is for this record and this
 * content; that it was not used before is for the reader of the topic to know.
 */
export function createRecordVerifier(options: RecordVerifierOptions): RecordVerifier {
  const { keys, policy, clock = Date.now } = options;
  const keysNow = typeof keys === 'function' ? keys : () => keys;

  function verify(
    record: SignedRecord,
    content: SignedContent,
    { graceMs = 0 }: { readonly graceMs?: number } = {},
  ): Verification {
    try {
      return { ok: true, signature: genuine(record, content, graceMs) };
    } catch (error) {
      if (error instanceof Refused) return { ok: false, refusal: error.refusal };
      throw error;
    }
  }

  function genuine(record: SignedRecord, content: SignedContent, graceMs: number) {
    const isRedriven = content.kind === 'command' && headerText(record.headers, 'redriven') !== undefined;
    const first = check(record, content, content.kind);
    allow(first.header, content, content.kind === 'cancel' ? 'cancel' : 'push');
    const last = isRedriven ? check(record, content, 'redrive') : first;
    if (isRedriven) allow(last.header, content, 'redrive');
    const { iss: issuer, kid: keyId, iat, exp = Number.POSITIVE_INFINITY } = last.header;
    const [issuedAtMs, expiresAtMs] = [iat * 1_000, exp * 1_000];
    const signature = { issuer, keyId, issuedAtMs, expiresAtMs, digest: last.digest };
    // Readers at different times must agree on settings, which their topic keeps without end.
    if (content.kind === 'settings') return signature;
    const nowMs = clock();
    if (issuedAtMs > nowMs + maxAheadMs) {
      refuse('replayed', `the signature is of ${timeOf(issuedAtMs)}, which is in the future`);
    }
    if (nowMs > expiresAtMs + graceMs) refuse('replayed', `the signature expired at ${timeOf(expiresAtMs)}`);
    return signature;
  }

  /** The first sender of a redriven command is checked as well: the one who sends it again answers for the time, not for the content. */
  function check(record: SignedRecord, content: SignedContent, kind: SignedKind): Checked {
    const checked = checkSignature(record, headerOf(kind));
    checkTerms(checked.header, record, content, kind);
    return checked;
  }

  function checkSignature({ headers, value }: SignedRecord, name: string): Checked {
    const found = headers.filter(([header]) => header === name);
    const [first] = found;
    if (first === undefined) return refuse('unsigned', `the record has no header "${name}"`);
    if (found.length > 1) return refuse('unsigned', `the record has more than one header "${name}"`);
    const parts = (first[1] ?? noBytes).toString('latin1').split('.', 4);
    const [protectedText = '', payload, signatureText = ''] = parts;
    const header = decodeProtectedHeader(protectedText);
    if (parts.length !== 3 || payload !== '' || header === undefined || !base64url.test(signatureText)) {
      return refuse('unsigned', `the header "${name}" is no detached JWS of a record`);
    }
    const { keys: known, denied } = keysNow();
    const { kid } = header;
    if (denied.has(kid)) return refuse('wrong-key', `the key "${kid}" is denied`);
    const key = known.get(kid);
    if (key === undefined) return refuse('wrong-key', `the key "${kid}" is unknown`);
    if (key.algorithm !== header.alg || key.issuer !== header.iss) {
      return refuse('wrong-key', `the key "${kid}" is of another algorithm or issuer`);
    }
    if (!isSignatureOf(key, signatureText, protectedText, value ?? noBytes)) {
      return refuse('wrong-key', `the signature is not one of this record by the key "${kid}"`);
    }
    return { header, digest: signatureText.slice(0, 22) };
  }

  function allow({ iss }: ProtectedHeader, content: SignedContent, action: Action): void {
    if (policy === undefined) return;
    const { deviceId, commandType, payload, settings } = content;
    const caller = { id: `key:${iss}`, keyId: iss };
    const decision = policy.decide({ caller, action, deviceId, commandType, payload, settings });
    if (!decision.allowed) refuse('not-allowed', `key "${iss}" may not ${action} this: ${decision.reason}`);
  }

  function identity(): string | undefined {
    const ofKeys = identityOfKeys(keysNow());
    if (policy === undefined) return ofKeys;
    const ofPolicy = policy.identity?.();
    return ofPolicy && `${ofKeys} ${ofPolicy}`;
  }

  return { verify, identity };
}

/** A genuine signature is good for one place. */
function checkTerms(
  { typ, aud, sub, jti, hdr }: ProtectedHeader,
  { topic, key, headers }: SignedRecord,
  { deviceId, requestId }: SignedContent,
  kind: SignedKind,
): void {
  if (typ !== `${kind}+jws`) refuse('replayed', `the signature is of the type "${typ}", not "${kind}+jws"`);
  if (aud !== topic) refuse('replayed', `the signature is for the topic "${aud}"`);
  if (sub !== deviceId) refuse('replayed', `the signature is for the device "${sub}"`);
  if (key?.toString() !== sub) refuse('replayed', 'the key of the record is not the device of the signature');
  if (jti !== requestId) refuse('replayed', `the signature is for the request "${jti}"`);
  if (hdr !== hashOfHeaders(headers, kind)) refuse('replayed', 'the signature is for other headers');
}

function refuse(reason: RefusalReason, message: string): never {
  throw new Refused({ reason, message });
}

function timeOf(ms: number): string {
  return new Date(Math.min(Math.max(ms, -8.64e15), 8.64e15)).toISOString();
}
