import { guardLogger, type Logger, type PublishOutcome } from '@preservarium/backend';
import type { EncodedPush } from './encode.js';

/** Logs the outcome of a push. Payloads are never logged. */
export type PushLog = (push: EncodedPush, outcome: PublishOutcome) => void;

/** Returns a log that never throws. */
export function createPushLog(given: Logger): PushLog {
  const logger = guardLogger(given);
  return ({ requestId, record: { topic, key } }, outcome) => {
    const fields = { requestId, deviceId: key, topic };
    if (outcome.ok) logger.debug(fields, 'pushed');
    else logger.warn({ ...fields, code: outcome.error.code, err: outcome.error }, 'not pushed');
  };
}
