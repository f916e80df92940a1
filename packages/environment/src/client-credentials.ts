import type { OauthBearerToken } from '@preservarium/backend';
import { AuthenticationError, BackendUnavailableError, cutText } from '@preservarium/core';

const requestTimeoutMs = 10_000;
const maxShownCharacters = 300;

export interface ClientCredentials {
  readonly endpointUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
}

/**
 * Returns a function that gets a token from an identity provider by the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4).
 *
 * The function rejects with `AUTHENTICATION_FAILED` if the endpoint refuses, and with `BACKEND_UNAVAILABLE` if it cannot be reached.
 */
export function clientCredentialsToken(credentials: ClientCredentials): () => Promise<OauthBearerToken> {
  const { endpointUrl, clientId, clientSecret, scope } = credentials;
  const user = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  const headers = { accept: 'application/json', authorization: `Basic ${btoa(user)}` };
  return async () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) });
    const askedAtMs = Date.now();
    const { status, text } = await post(endpointUrl, { headers, body });
    if (status >= 500) {
      throw new BackendUnavailableError(`the token endpoint ${endpointUrl} answered with status ${status}`);
    }
    const answer = jsonObject(text);
    const { access_token: value, expires_in: expiresInS } = answer;
    if (status !== 200 || typeof value !== 'string' || value === '') {
      throw new AuthenticationError(
        `the token endpoint ${endpointUrl} gave no token for the client "${clientId}": status ${status}${reasonOf(answer)}; ` +
          'check KAFKA_SASL_OAUTHBEARER_CLIENT_ID, KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET and KAFKA_SASL_OAUTHBEARER_SCOPE',
      );
    }
    const claims = claimsOf(value);
    const expiresAtMs =
      Number(expiresInS) > 0
        ? askedAtMs + Number(expiresInS) * 1000
        : Number(claims.exp) > 0
          ? Number(claims.exp) * 1000
          : undefined;
    if (expiresAtMs === undefined) {
      throw new AuthenticationError(
        `the token endpoint ${endpointUrl} does not say when its token expires: it has neither expires_in nor a claim exp`,
      );
    }
    return { value, expiresAtMs, principal: typeof claims.sub === 'string' ? claims.sub : clientId };
  };
}

async function post(
  url: string,
  { headers, body }: { readonly headers: Record<string, string>; readonly body: URLSearchParams },
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    // A redirect would carry the secret to another place.
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new BackendUnavailableError(`the token endpoint ${url} cannot be reached: ${reason}`, { cause });
  }
}

/** RFC 6749, section 2.3.1. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function reasonOf({ error, error_description: description }: Readonly<Record<string, unknown>>): string {
  const reason = [error, description].filter((part) => typeof part === 'string').join(': ');
  return reason === '' ? '' : `, ${cutText(reason, maxShownCharacters)}`;
}

/** The claims of a JWT; none of an opaque token. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return jsonObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
