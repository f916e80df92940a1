import {
  type ApiKeyEntry,
  type ApiKeys,
  apiKeysFromFile,
  type Policy,
  policyFromFile,
} from '@preservarium/access';
import type { Logger } from '@preservarium/backend';
import type { DeviceTypeDirectory } from '@preservarium/capabilities';
import { ConfigurationError } from '@preservarium/core';
import { createAuthenticator, type VerifyToken, withoutAuthentication } from '../auth/authenticator.js';
import { createAuthorizer } from '../auth/authorize.js';
import { verifyOidcToken } from '../auth/verify-oidc-token.js';
import type { GatewayParts } from '../gateway-parts.js';
import { keysFromList } from './keys-from-list.js';
import type { GatewayOptions } from './read-options.js';

/**
 * Reads who may do what.
 *
 * @throws ConfigurationError where a file is not valid, or others than this machine could use a gateway without authentication
 */
export function openAccess(
  gateway: GatewayOptions['gateway'],
  { typeOf, logger }: { readonly typeOf: DeviceTypeDirectory; readonly logger: Logger },
): Pick<GatewayParts, 'authenticate' | 'authorizer'> & { readonly policy: Policy | undefined } {
  const keys = openKeys(gateway, logger);
  const verifyToken = openIssuer(gateway);
  const path = gateway.GATEWAY_POLICY;
  const policy = path === undefined ? undefined : policyFromFile(path, { typeOf, logger });
  const authorizer = createAuthorizer(policy);
  if (keys === undefined && verifyToken === undefined) {
    assertLoopback(gateway.GATEWAY_HOST);
    return { authenticate: withoutAuthentication, authorizer, policy };
  }
  return { authenticate: createAuthenticator(keys, verifyToken), authorizer, policy };
}

function openKeys(gateway: GatewayOptions['gateway'], logger: Logger): ApiKeys | undefined {
  const { GATEWAY_KEYS: path, API_KEYS: list } = gateway;
  const fromFile = path === undefined ? undefined : apiKeysFromFile(path, { logger });
  const fromList = list === undefined || list.length === 0 ? undefined : keysFromList(list);
  if (fromFile === undefined || fromList === undefined) return fromFile ?? fromList;
  return (text): ApiKeyEntry | undefined => fromFile(text) ?? fromList(text);
}

function openIssuer(gateway: GatewayOptions['gateway']): VerifyToken | undefined {
  const { GATEWAY_OIDC_ISSUER: issuer, GATEWAY_OIDC_AUDIENCE: audience } = gateway;
  if (issuer === undefined) return undefined;
  if (audience !== undefined) {
    return verifyOidcToken({ issuer, audience, jwksUrl: gateway.GATEWAY_OIDC_JWKS_URL });
  }
  throw new ConfigurationError(
    'GATEWAY_OIDC_ISSUER is set and GATEWAY_OIDC_AUDIENCE is not: tokens for other services would be taken; for example GATEWAY_OIDC_AUDIENCE=pusher',
  );
}

function assertLoopback(host: string): void {
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return;
  throw new ConfigurationError(
    `GATEWAY_HOST is ${host}, where others could push without authentication: set GATEWAY_KEYS or GATEWAY_OIDC_ISSUER, or GATEWAY_HOST=127.0.0.1`,
  );
}
