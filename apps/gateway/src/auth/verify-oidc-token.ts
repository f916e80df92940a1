import type { JsonObject } from '@preservarium/core';
import { ConfigurationError } from '@preservarium/core';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { VerifyToken } from './authenticator.js';

export interface OidcOptions {
  /** URL of the issuer, as `iss` of its tokens has it. */
  readonly issuer: string;
  /** `aud` that tokens must have. */
  readonly audience: string;
  /** URL of the keys. Default: the `jwks_uri` of the issuer's `/.well-known/openid-configuration`. */
  readonly jwksUrl?: string | undefined;
}

/** Symmetric algorithms and `none` are not among them: every reader of the public keys could sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const timeoutDuration = 5_000;
const clockToleranceSeconds = 30;

/**
 * Returns a function that verifies tokens of an OpenID Connect issuer. The keys are fetched at the first token and again when a token
 * names an unknown one.
 */
export function verifyOidcToken({ issuer, audience, jwksUrl }: OidcOptions): VerifyToken {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (token) => {
    keys ??= createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), { timeoutDuration });
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
    });
    return { id: `token:${payload.sub}`, claims: payload as JsonObject };
  };
}

const configurationSchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutDuration), redirect: 'error' });
  if (!response.ok) throw new ConfigurationError(`${url} answers ${response.status}`);
  const configuration = configurationSchema.parse(await response.json());
  if (configuration.issuer !== issuer) {
    throw new ConfigurationError(`${url} is of the issuer ${configuration.issuer}, not of ${issuer}`);
  }
  return configuration.jwks_uri;
}
