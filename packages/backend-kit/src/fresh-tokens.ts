import { type Logger, type OauthBearerToken, type SaslOptions, silentLogger } from '@preservarium/backend';
import { timerDelay } from '@preservarium/concurrency';
import { AuthenticationError, PusherError } from '@preservarium/core';

/** The part of its lifetime after which a token is renewed. */
const renewedAfter = 0.8;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** The token of a backend, which all its clients share. It is renewed after 80 % of its lifetime, from its first use until `close`. */
export interface FreshTokens {
  /** Resolves with the token in use; with a new one if there is none, or it has expired. */
  current(): Promise<OauthBearerToken>;
  /**
   * Calls `use` with the token, and again with each new one. Rejects if there is none.
   *
   * @returns ends it
   */
  follow(use: (token: OauthBearerToken) => void): Promise<() => void>;
  close(): void;
}

/**
 * Returns the tokens of the function in the options; `undefined` for other mechanisms. If the function fails, the token stays in use until it
 * expires, and the function is called again after 1 s, then after twice as long each time, up to a minute.
 */
export function createFreshTokens({
  sasl,
  logger = silentLogger,
}: {
  readonly sasl?: SaslOptions | undefined;
  readonly logger?: Logger | undefined;
}): FreshTokens | undefined {
  if (sasl?.mechanism !== 'oauthbearer') return undefined;
  const { token: ask } = sasl;
  const followers = new Set<(token: OauthBearerToken) => void>();
  let inUse: OauthBearerToken | undefined;
  let failures = 0;
  let asking: Promise<OauthBearerToken> | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function current(): Promise<OauthBearerToken> {
    if (inUse !== undefined && Date.now() < inUse.expiresAtMs) return Promise.resolve(inUse);
    return renew();
  }

  function renew(): Promise<OauthBearerToken> {
    asking ??= askOnce().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function askOnce(): Promise<OauthBearerToken> {
    const askedAtMs = Date.now();
    try {
      const token = await ask();
      inUse = token;
      failures = 0;
      renewAt(askedAtMs + Math.max(firstRetryMs, (token.expiresAtMs - askedAtMs) * renewedAfter));
      for (const use of followers) use(token);
      return token;
    } catch (cause) {
      const err = tokenFailed(cause);
      if (inUse !== undefined) {
        const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
        const expiresAt = new Date(inUse.expiresAtMs).toISOString();
        logger.error({ err, expiresAt, retryMs }, 'the token function failed; the old token stays in use');
        renewAt(Date.now() + retryMs);
      }
      throw err;
    }
  }

  function renewAt(atMs: number): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(
      () => {
        // A timer has a longest delay.
        if (Date.now() < atMs) renewAt(atMs);
        else renew().catch(() => {});
      },
      timerDelay(atMs - Date.now()),
    ).unref();
  }

  return {
    current,
    async follow(use) {
      use(await current());
      followers.add(use);
      return () => {
        followers.delete(use);
      };
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function tokenFailed(cause: unknown): PusherError {
  if (PusherError.isInstance(cause)) return cause;
  return new AuthenticationError(`the token function of sasl failed: ${String(cause)}`, { cause });
}
