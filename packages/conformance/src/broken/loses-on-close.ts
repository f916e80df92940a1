import type { Backend, PublishOutcome } from '@preservarium/backend';
import { ClosedError } from '@preservarium/core';

/** Publishes a turn of the event loop later, and forgets at close what is still to be published. */
export function losesOnClose(backend: Backend): Backend {
  let closed = false;
  return {
    ...backend,
    async publish(records, options) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!closed) return backend.publish(records, options);
      return records.map((): PublishOutcome => ({ ok: false, error: new ClosedError('the backend') }));
    },
    async close(options) {
      closed = true;
      await backend.close(options);
    },
  };
}
