import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { asHeaderValue } from './http-header-value.js';
import type { NonceCache } from './http-nonce-cache.js';
import { readSecrets } from './http-secrets.js';

/** The signed parts of a request. */
export interface SignedRequest {
  readonly method: string;
  /** The request target as it is sent: path and query, for example `/devices/7/led?fade=1`. */
  readonly path: string;
  /** By lower-case name, as Node's `request.headers`. */
  readonly headers: SignedHeaders;
  /** The body's bytes as they are sent, before any parsing. */
  readonly body: Uint8Array;
}

type SignedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A command goes to a device, a report to a connector: a signature for one is none for the other. */
type SignatureDirection = 'command' | 'report';

export interface VerifySignatureOptions {
  /** The deliverer's secret, or several. */
  readonly secret: string | readonly string[];
  /**
   * The device for which the request must be. Default: the one that its header `device-id` names, which is signed; compare it with the device
   * that acts on the request.
   */
  readonly deviceId?: string;
  /** How far the request's timestamp may be from now, in milliseconds. Default 300,000. */
  readonly toleranceMs?: number;
  /** Refuses a request that was sent again: `createNonceCache()`, one for all requests of the receiver. Default: none. */
  readonly nonces?: NonceCache;
}

export interface ReportToSign {
  readonly deviceId: string;
  /** As it is sent. Default: `/settings/` and the device id, percent-encoded. */
  readonly path?: string;
  readonly body: Uint8Array;
}

export const defaultToleranceMs = 300_000;
const noncePattern = /^[\w.~+/=-]{16,64}$/;

/**
 * Returns true if a request is a command of a deliverer with one of these secrets, for this device, unchanged, recent and, with `nonces`, not seen
 * before. For receivers; compared in constant time.
 *
 * Requests are signed by HMAC-SHA256 as Standard Webhooks 1.0.0 has it, so that its libraries can verify them: `v1` in
 * `webhook-signature` covers `webhook-id`, `webhook-timestamp` and the body. `v2` beside it, which this function asks for, also covers the
 * direction, the device, the target (method, path and `command-type`) and `webhook-nonce`; so no request can be turned against another
 * device, or back against a connector.
 *
 * @throws ConfigurationError when a secret has not the form of one
 */
export function verifySignature(request: SignedRequest, options: VerifySignatureOptions): boolean {
  const { secret, toleranceMs = defaultToleranceMs, nonces } = options;
  const deviceId = options.deviceId === undefined ? undefined : asHeaderValue(options.deviceId);
  const audience = deviceId ?? headerOf(request, 'device-id');
  const signed = { direction: 'command', audience, secrets: readSecrets(secret), toleranceMs } as const;
  return isSigned(request, signed) && takeNonce(request, audience, toleranceMs, nonces) === 'new';
}

/**
 * Returns the headers that sign a report to a connector, for devices: `POST /settings/{deviceId}`. Sign each attempt anew: a connector takes
 * each signature once.
 *
 * @throws ConfigurationError when a secret has not the form of one
 */
export function signReport(
  { deviceId, body, path = `/settings/${encodeURIComponent(deviceId)}` }: ReportToSign,
  secret: string | readonly string[],
): Record<string, string> {
  const headers = newSignatureHeaders(randomBytes(16).toString('hex'));
  const request = { method: 'POST', path, headers, body };
  const signed = {
    direction: 'report',
    audience: asHeaderValue(deviceId),
    secrets: readSecrets(secret),
  } as const;
  return { ...headers, 'webhook-signature': signRequest(request, signed) };
}

/** The headers that `webhook-signature` covers. */
export function newSignatureHeaders(id: string): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-nonce': randomBytes(16).toString('base64url'),
  };
}

interface Signing {
  readonly direction: SignatureDirection;
  /** The device id as a header has it. */
  readonly audience: string;
  readonly secrets: readonly Buffer[];
}

/** The value of `webhook-signature` for a request that has the other headers already. */
export function signRequest(request: SignedRequest, signing: Signing): string {
  return signing.secrets
    .flatMap((secret) => [
      `v1,${hmac(secret, messageOf(request), request.body)}`,
      signTarget(request, signing, secret),
    ])
    .join(' ');
}

/** Returns whether one of the secrets signed the request for this direction and device, within the tolerance. */
export function isSigned(
  request: SignedRequest,
  { toleranceMs, ...signing }: Signing & { readonly toleranceMs: number },
): boolean {
  const ageMs = Math.abs(Date.now() - signedAtMs(request));
  if (!/^\d+$/.test(headerOf(request, 'webhook-timestamp')) || ageMs > toleranceMs) return false;
  if (!noncePattern.test(headerOf(request, 'webhook-nonce'))) return false;
  const expected = signing.secrets.map((secret) => signTarget(request, signing, secret));
  return headerOf(request, 'webhook-signature')
    .split(' ')
    .some((signature) => expected.some((other) => isSame(signature, other)));
}

/** When a request was signed, in milliseconds since 1970: whole seconds. */
export function signedAtMs(request: SignedRequest): number {
  return Number(headerOf(request, 'webhook-timestamp')) * 1_000;
}

/** Call it for a signed request alone: nobody without a secret fills the cache. */
export function takeNonce(
  request: SignedRequest,
  audience: string,
  toleranceMs: number,
  nonces: NonceCache | undefined,
): ReturnType<NonceCache['take']> {
  if (nonces === undefined) return 'new';
  const expiresAtMs = signedAtMs(request) + toleranceMs;
  return nonces.take(`${audience}\n${headerOf(request, 'webhook-nonce')}`, expiresAtMs);
}

/** Each line is one header's value or another text without a line feed. The body follows. */
function signTarget(request: SignedRequest, { direction, audience }: Signing, secret: Buffer): string {
  const lines = [
    ...['v2', direction, audience, `${request.method} ${request.path}`, headerOf(request, 'command-type')],
    ...['webhook-id', 'webhook-timestamp', 'webhook-nonce'].map((name) => headerOf(request, name)),
  ];
  return `v2,${hmac(secret, lines.map((line) => `${line}\n`).join(''), request.body)}`;
}

function messageOf(request: SignedRequest): string {
  return `${headerOf(request, 'webhook-id')}.${headerOf(request, 'webhook-timestamp')}.`;
}

function hmac(secret: Buffer, head: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(head).update(body).digest('base64');
}

function headerOf({ headers }: Pick<SignedRequest, 'headers'>, name: string): string {
  return [headers[name] ?? ''].flat().join(',');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
