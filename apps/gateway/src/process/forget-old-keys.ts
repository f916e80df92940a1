import type { Logger } from '@preservarium/backend';
import type { RequestKeys } from '@preservarium/command-store';

const keptMs = 24 * 60 * 60 * 1_000;
const intervalMs = 10 * 60 * 1_000;

/** Forgets idempotency keys after 24 hours, until it is disposed of. */
export function forgetOldKeys(keys: RequestKeys, logger: Logger): Disposable {
  const timer = setInterval(() => {
    keys
      .prune(new Date(Date.now() - keptMs))
      .catch((err: unknown) =>
        logger.warn({ err }, 'old idempotency keys are not deleted; it is tried again'),
      );
  }, intervalMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
