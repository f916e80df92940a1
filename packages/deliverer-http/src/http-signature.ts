import { createHmac, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '@preservarium/core';

/** The signed parts of a request. */
export interface SignedRequest {
  readonly method: string;
  /** The request target as it is sent: path and query, for example `/devices/7/led?fade=1`. */
  readonly path: string;
  /** By lower-case name, as Node's `request.headers`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body's bytes as they are sent, before any parsing. */
  readonly body: Uint8Array;
}

export interface VerifySignatureOptions {
  /** The deliverer's secret, or several. */
  readonly secret: string | readonly string[];
  /** How far the request's timestamp may be from now, in milliseconds. Default 300,000. */
  readonly toleranceMs?: number;
}

/**
 * Returns true if a request comes from a deliverer with one of these secrets, unchanged and recent. For receivers; compared in
 * constant time. A request sent again within the tolerance is valid too: `webhook-id` tells it.
 *
 * Requests are signed by HMAC-SHA256 as Standard Webhooks 1.0.0 has it, so that its libraries can verify them: `v1` in
 * `webhook-signature` covers `webhook-id`, `webhook-timestamp` and the body. `v1t` beside it, which this function asks for, also
 * covers the target: method, path and `command-type`; so no request can be turned against another device.
 *
 * @throws ConfigurationError when a secret has not the form of one
 */
export function verifySignature(request: SignedRequest, options: VerifySignatureOptions): boolean {
  const timestamp = headerOf(request, 'webhook-timestamp');
  const ageMs = Math.abs(Date.now() - Number(timestamp) * 1_000);
  if (!/^\d+$/.test(timestamp) || ageMs > (options.toleranceMs ?? 300_000)) return false;
  const expected = readSecrets(options.secret).map((secret) => signTarget(request, secret));
  return headerOf(request, 'webhook-signature')
    .split(' ')
    .some((signature) => expected.some((other) => isSame(signature, other)));
}

/** The value of `webhook-signature` for a request that has the other headers already. */
export function signRequest(request: SignedRequest, secrets: readonly Buffer[]): string {
  return secrets.flatMap((secret) => [signMessage(request, secret), signTarget(request, secret)]).join(' ');
}

/** @throws ConfigurationError that says how to make a secret */
export function readSecrets(secret: string | readonly string[] = []): Buffer[] {
  return [secret].flat().map((text) => {
    const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (key.length >= 24 && key.length <= 64) return key;
    throw new ConfigurationError(
      'secret: must be whsec_ and 24 to 64 bytes in base64; make one with: echo "whsec_$(openssl rand -base64 32)"',
    );
  });
}

function signMessage(request: SignedRequest, secret: Buffer): string {
  return `v1,${hmac(secret, messageOf(request), request.body)}`;
}

/** Begins with a line, which no message does: header values have no spaces. */
function signTarget(request: SignedRequest, secret: Buffer): string {
  const target = `${request.method} ${request.path} ${headerOf(request, 'command-type')}\n`;
  return `v1t,${hmac(secret, target + messageOf(request), request.body)}`;
}

function messageOf(request: SignedRequest): string {
  return `${headerOf(request, 'webhook-id')}.${headerOf(request, 'webhook-timestamp')}.`;
}

function hmac(secret: Buffer, head: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(head).update(body).digest('base64');
}

function headerOf({ headers }: SignedRequest, name: string): string {
  return [headers[name] ?? ''].flat().join(',');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
