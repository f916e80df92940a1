import type { ApiKeys, Caller } from '@preservarium/access';
import { HttpError } from '../http/problem.js';

/** The credentials of a request. */
interface Credentials {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** The header `X-API-Key`. */
  readonly apiKey: string | undefined;
  /** The header `Host`. */
  readonly host?: string | undefined;
}

/**
 * Returns the caller of a request.
 *
 * @throws HttpError 401, 403
 */
export type Authenticator = (credentials: Credentials) => Promise<Caller>;

/** Verifies a token; throws where it is not valid. */
export type VerifyToken = (token: string) => Promise<Caller>;

/** Id of a caller of whom nothing is known. */
export const anonymousId = 'anonymous';

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Takes every request as that of one caller. Allowed on a loopback address only, and for requests to its name only: the name of a web page
 * may lead to this machine too (DNS rebinding), and its scripts would be callers.
 */
export const withoutAuthentication: Authenticator = async ({ host = '' }) => {
  if (loopbackHost.test(host)) return { id: anonymousId, keyId: anonymousId };
  const detail = `without API keys, requests go to localhost, not to ${JSON.stringify(host.slice(0, 100))}; set GATEWAY_KEYS`;
  throw new HttpError({ status: 403, code: 'FORBIDDEN', detail });
};

/** Takes API keys, and tokens if there is an issuer to trust. */
export function createAuthenticator(
  keys: ApiKeys | undefined,
  verifyToken: VerifyToken | undefined,
): Authenticator {
  return async ({ authorization, apiKey }) => {
    const text = apiKey ?? /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (text === undefined) {
      throw unauthenticated('no credentials: send `Authorization: Bearer` with an API key or a token');
    }
    const key = keys?.(text);
    if (key !== undefined) return { id: `key:${key.id}`, keyId: key.id };
    if (verifyToken === undefined || text.split('.').length !== 3) {
      throw unauthenticated('the API key is unknown or has expired');
    }
    return verifyToken(text).catch((error: unknown) => {
      const problem = error instanceof Error ? error.message : String(error);
      throw unauthenticated(`the token is not valid: ${problem}`);
    });
  };
}

function unauthenticated(detail: string): HttpError {
  return new HttpError({ status: 401, code: 'UNAUTHENTICATED', detail });
}
