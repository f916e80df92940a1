import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { verifyOidcToken } from './verify-oidc-token.js';

const audience = 'pusher';
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let otherKeys: typeof keys;
beforeAll(async () => {
  keys = await generateKeyPair('RS256');
  otherKeys = await generateKeyPair('RS256');
});

/** An issuer with one key. */
async function startIssuer(configuration: object = {}): Promise<string> {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256' };
  const server = createServer((request, response) => {
    const answers: Readonly<Record<string, object>> = {
      '/keys': { keys: [jwk] },
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys`, ...configuration },
    };
    response.end(JSON.stringify(answers[String(request.url)] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const issuer = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return issuer;
}

function sign(issuer: string, claims: JWTPayload = {}, { privateKey } = keys): Promise<string> {
  return new SignJWT({ iss: issuer, aud: audience, sub: 'anna', exp: inSeconds(60), ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(privateKey);
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

test('a token of the issuer names its caller, with its claims', async () => {
  const issuer = await startIssuer();
  const verify = verifyOidcToken({ issuer, audience });
  expect(await verify(await sign(issuer, { groups: ['gardeners'] }))).toMatchObject({
    id: 'token:anna',
    claims: { sub: 'anna', groups: ['gardeners'] },
  });
  const direct = verifyOidcToken({ issuer, audience, jwksUrl: `${issuer}/keys` });
  expect(await direct(await sign(issuer))).toMatchObject({ id: 'token:anna' });
});

test.each<[string, JWTPayload]>([
  ['of another issuer', { iss: 'https://other.example' }],
  ['for another audience', { aud: 'billing' }],
  ['that has expired', { exp: inSeconds(-60) }],
  ['that is not valid yet', { nbf: inSeconds(600) }],
  ['without an end', { exp: undefined as never }],
  ['without a subject', { sub: undefined as never }],
])('a token %s is refused', async (_, claims) => {
  const issuer = await startIssuer();
  await expect(verifyOidcToken({ issuer, audience })(await sign(issuer, claims))).rejects.toThrow();
});

test('a token with another signature, or with none, is refused', async () => {
  const issuer = await startIssuer();
  const verify = verifyOidcToken({ issuer, audience });
  await expect(verify(await sign(issuer, {}, otherKeys))).rejects.toThrow();
  const [, payload] = (await sign(issuer)).split('.');
  const header = Buffer.from('{"alg":"none"}').toString('base64url');
  await expect(verify(`${header}.${payload}.`)).rejects.toThrow();
  // The public key as the secret of a symmetric signature.
  const secret = Buffer.from(JSON.stringify(await exportJWK(keys.publicKey)));
  const symmetric = await new SignJWT({ iss: issuer, aud: audience, sub: 'anna', exp: inSeconds(60) })
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .sign(secret);
  await expect(verify(symmetric)).rejects.toThrow();
});

test('a configuration of another issuer is refused', async () => {
  const issuer = await startIssuer({ issuer: 'https://other.example' });
  await expect(verifyOidcToken({ issuer, audience })(await sign(issuer))).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
});
