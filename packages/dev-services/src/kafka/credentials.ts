import type { SaslOptions } from '@preservarium/backend';

/** The same user, by each SASL mechanism of the brokers. */
export type UserCredentials = Readonly<Record<SaslOptions['mechanism'], SaslOptions>>;

/** The users of a `sasl-ssl` cluster. */
export interface KafkaCredentials {
  /** May do everything. */
  readonly admin: UserCredentials;
  /** Can log in, and may do nothing until an access control list says so. */
  readonly guest: UserCredentials;
}

export const passwords = { admin: 'admin-secret', guest: 'guest-secret' } as const;

export const credentials: KafkaCredentials = { admin: credentialsOf('admin'), guest: credentialsOf('guest') };

function credentialsOf(username: keyof typeof passwords): UserCredentials {
  const password = passwords[username];
  return {
    plain: { mechanism: 'plain', username, password },
    'scram-sha-256': { mechanism: 'scram-sha-256', username, password },
    'scram-sha-512': { mechanism: 'scram-sha-512', username, password },
    oauthbearer: { mechanism: 'oauthbearer', token: async () => unsecuredToken(username) },
  };
}

/** A JWT without a signature (RFC 7515, appendix A.5), which only brokers for development accept. */
export function unsecuredToken(principal: string, lifetimeS = 3600) {
  const nowS = Math.floor(Date.now() / 1000);
  const expiresS = nowS + lifetimeS;
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const value = `${part({ alg: 'none' })}.${part({ sub: principal, iat: nowS, exp: expiresS })}.`;
  return { value, expiresAtMs: expiresS * 1000, principal };
}
