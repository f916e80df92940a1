import type { Backend } from '@preservarium/backend';
import { PublishTimedOutError } from '@preservarium/core';

const longestTimerMs = 2 ** 31 - 1;

/** Passes deadlines to timers as they are: Node fires those beyond 2^31-1 ms at once. */
export function truncatesTimeouts(backend: Backend): Backend {
  return {
    ...backend,
    async publish(records, options) {
      const { timeoutMs } = options;
      if (timeoutMs <= longestTimerMs) return backend.publish(records, options);
      return records.map(() => ({
        ok: false,
        error: new PublishTimedOutError(timeoutMs, { mayBeWritten: true }),
      }));
    },
  };
}
