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
const retryMs = 1_000;
const clockToleranceSeconds = 30;

/**
 * Returns a function that verifies tokens of an OpenID Connect issuer. The keys are fetched at the first token and again when a token
 * names an unknown one.
 */
export function verifyOidcToken({ issuer, audience, jwksUrl }: OidcOptions): VerifyToken {
  let opening: ReturnType<typeof openKeys> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;

  /** However many tokens come, the issuer is asked once; after a failure, again a second later. */
  async function keys(): ReturnType<typeof openKeys> {
    if (opening === undefined && performance.now() - failedAtMs < retryMs) {
      throw new ConfigurationError(`the keys of ${issuer} could not be read just now`);
    }
    opening ??= openKeys({ issuer, jwksUrl });
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      failedAtMs = performance.now();
      throw error;
    }
  }

  return async (token) => {
    const { payload } = await jwtVerify(token, await keys(), {
      issuer,
      audience,
      algorithms,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
    });
    return { id: `token:${payload.sub}`, claims: payload as JsonObject };
  };
}

async function openKeys({ issuer, jwksUrl }: Pick<OidcOptions, 'issuer' | 'jwksUrl'>) {
  return createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer))), { timeoutDuration });
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
