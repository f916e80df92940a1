import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unsecuredToken } from './credentials.js';

export interface TokenServerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The user of the tokens. */
  readonly principal: string;
  /** Default: an hour. */
  readonly lifetimeS?: number;
}

/** An identity provider that gives tokens to one client: RFC 6749, section 4.4. */
export interface TokenServer {
  readonly endpointUrl: string;
  /** The scopes of the requests that got a token. */
  readonly granted: readonly (string | null)[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server whose tokens the brokers of a `sasl-ssl` cluster accept: they have no signature. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { clientId, clientSecret, principal, lifetimeS = 3600 } = options;
  const granted: (string | null)[] = [];
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams((await request.toArray()).join(''));
    const isClient = userOf(request.headers.authorization).join(' ') === `${clientId} ${clientSecret}`;
    const isGranted = isClient && form.get('grant_type') === 'client_credentials';
    if (isGranted) granted.push(form.get('scope'));
    response.writeHead(isGranted ? 200 : 401, { 'content-type': 'application/json' });
    const token = () => ({
      access_token: unsecuredToken(principal, lifetimeS).value,
      token_type: 'Bearer',
      expires_in: lifetimeS,
    });
    response.end(JSON.stringify(isGranted ? token() : { error: 'invalid_client' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpointUrl: `http://127.0.0.1:${port}/token`,
    granted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Both parts are form-encoded: RFC 6749, section 2.3.1. */
function userOf(authorization = ''): string[] {
  const parts = atob(authorization.replace('Basic ', '')).split(':');
  return parts.map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
}
