import { createHash, randomBytes } from 'node:crypto';

/** The question of a server about its client (RFC 7616, section 3.3), as far as it is read. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: string;
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly hashesUsername: boolean;
}

export interface DigestRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body: Uint8Array;
}

export interface DigestUse {
  readonly username: string;
  readonly password: string;
  /** How often the nonce was used, this time included. */
  readonly count: number;
  /** Default: a new one. */
  readonly clientNonce?: string;
}

/** The hashes of node:crypto, the strongest first. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
]);
const algorithms = [...hashes.keys()];

/**
 * Returns the strongest challenge of Digest in the values of `WWW-Authenticate` that can be answered; undefined if there is none.
 */
export function readDigestChallenge(headers: readonly string[]): DigestChallenge | undefined {
  const challenges = headers
    .flatMap(readChallenges)
    .map(asDigest)
    .filter((each) => each !== undefined);
  const rank = ({ algorithm }: DigestChallenge) => algorithms.indexOf(withoutSession(algorithm));
  return challenges.toSorted((one, other) => rank(one) - rank(other))[0];
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One value may have several challenges, and commas separate them as well as their parameters (RFC 9110, section 11.6.1). */
function readChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const parts = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
  for (const [, name = '', quoted, token] of header.matchAll(parts)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}

function asDigest({ scheme, parameters }: Challenge): DigestChallenge | undefined {
  const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')];
  const algorithm =
    parameters
      .get('algorithm')
      ?.toUpperCase()
      .replace(/-SESS$/, '-sess') ?? 'MD5';
  const offered = parameters
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  const qop = (['auth', 'auth-int'] as const).find((each) => offered?.includes(each));
  const isUsable = hashes.has(withoutSession(algorithm)) && (offered === undefined || qop !== undefined);
  if (scheme !== 'digest' || realm === undefined || nonce === undefined || !isUsable) return undefined;
  const hashesUsername = parameters.get('userhash')?.toLowerCase() === 'true';
  return { realm, nonce, opaque: parameters.get('opaque'), algorithm, qop, hashesUsername };
}

/** Returns the value of `Authorization` that answers a challenge (RFC 7616, section 3.4). */
export function answerDigest(
  { realm, nonce, opaque, algorithm, qop, hashesUsername }: DigestChallenge,
  { method, path, body }: DigestRequest,
  { username, password, count, clientNonce = randomBytes(24).toString('base64') }: DigestUse,
): string {
  const hash = (content: string | Uint8Array) =>
    createHash(hashes.get(withoutSession(algorithm)) ?? 'md5')
      .update(content)
      .digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const user = hash(`${username}:${realm}:${password}`);
  const secret = algorithm.endsWith('-sess') ? hash(`${user}:${nonce}:${clientNonce}`) : user;
  const request = hash(qop === 'auth-int' ? `${method}:${path}:${hash(body)}` : `${method}:${path}`);
  const use = qop === undefined ? nonce : `${nonce}:${nc}:${clientNonce}:${qop}`;
  // A name beyond ASCII has a form of its own (section 3.4).
  const isExtended = !hashesUsername && /[^ -~]/.test(username);
  const texts = {
    ...(!isExtended && { username: hashesUsername ? hash(`${username}:${realm}`) : username }),
    realm,
    nonce,
    uri: path,
    response: hash(`${secret}:${use}:${request}`),
    ...(opaque !== undefined && { opaque }),
    // A server that asks for no qop may know none of its parameters, but a session has a client's nonce always.
    ...((qop !== undefined || algorithm.endsWith('-sess')) && { cnonce: clientNonce }),
  };
  const tokens = {
    ...(isExtended && { 'username*': `UTF-8''${encodeURIComponent(username).replaceAll("'", '%27')}` }),
    algorithm,
    ...(qop !== undefined && { qop, nc }),
    ...(hashesUsername && { userhash: 'true' }),
  };
  const quoted = Object.entries(texts).map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`);
  return `Digest ${[...quoted, ...Object.entries(tokens).map(([name, token]) => `${name}=${token}`)].join(', ')}`;
}

function withoutSession(algorithm: string): string {
  return algorithm.replace(/-sess$/, '');
}
