import { ValidationError } from '@preservarium/core';
import { answerDigest, type DigestChallenge, readDigestChallenge } from './http-digest.js';
import type { HttpAnswer } from './http-exchange.js';
import { type HttpLogin, type LoginOfDevice, loginProblem } from './http-login.js';
import type { HttpRequest } from './http-request.js';

/** Puts the logins of devices into requests. */
export interface Authorization {
  /** Returns the request with the login of its device, as far as it is known what the device wants. @throws ValidationError for a login that is none */
  authorize(deviceId: string, request: HttpRequest): HttpRequest;
  /** Returns whether an answer asks for a login that the next `authorize` can give, and the request did not have. */
  isAskedAnew(deviceId: string, request: HttpRequest, answer: HttpAnswer): boolean;
}

interface Session {
  readonly challenge: DigestChallenge;
  count: number;
}

/** A device whose challenge is forgotten is asked for it again. */
const maxSessions = 10_000;

/** @param loginOf undefined: no device has a login */
export function createAuthorization(loginOf: LoginOfDevice | undefined): Authorization {
  /** Of Digest, in the order of their last challenge. */
  const sessions = new Map<string, Session>();

  function loginFor(deviceId: string): HttpLogin | undefined {
    const login = loginOf?.(deviceId);
    const problem = login && loginProblem(login);
    if (problem === undefined) return login;
    throw new ValidationError('command', [
      { path: 'deviceId', message: `the login of the device is not valid: ${problem}` },
    ]);
  }

  function credentials(
    login: HttpLogin,
    session: Session | undefined,
    request: HttpRequest,
  ): string | undefined {
    switch (login.scheme) {
      case 'bearer':
        return `Bearer ${login.token}`;
      case 'basic':
        return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
      case 'digest':
        if (session === undefined) return undefined;
        session.count += 1;
        return answerDigest(session.challenge, request, { ...login, count: session.count });
    }
  }

  return {
    authorize(deviceId, request) {
      const login = loginFor(deviceId);
      if (login === undefined) return request;
      const session = sessions.get(keyOf(deviceId, request));
      const authorization = credentials(login, session, request);
      if (authorization === undefined) return request;
      return { ...request, headers: { ...request.headers, authorization } };
    },
    isAskedAnew(deviceId, request, answer) {
      if (answer.status !== 401 || loginFor(deviceId)?.scheme !== 'digest') return false;
      const challenge = readDigestChallenge([answer.headers['www-authenticate'] ?? []].flat());
      if (challenge === undefined) return false;
      const key = keyOf(deviceId, request);
      const last = sessions.get(key);
      sessions.delete(key);
      // The device refused the answer to this very challenge: name or password are wrong.
      if (last?.challenge.nonce === challenge.nonce && request.headers.authorization !== undefined)
        return false;
      sessions.set(key, { challenge, count: 0 });
      for (const oldest of sessions.keys()) {
        if (sessions.size <= maxSessions) break;
        sessions.delete(oldest);
      }
      return true;
    },
  };
}

function keyOf(deviceId: string, { origin }: HttpRequest): string {
  return `${origin} ${deviceId}`;
}
