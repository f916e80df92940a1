import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { decodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { topics } from './topics.js';

/** Reads new lifecycle events with a consumer of its own, as an application does. */
export async function followEvents(
  backend: Backend,
  runId: string,
  onEvent: (event: LifecycleEvent) => void,
): Promise<AsyncDisposable> {
  await backend.subscribe({
    topics: [topics.events],
    groupId: `demo_events_${runId}`,
    from: 'end',
    async onRecords(records: readonly ConsumedRecord[]) {
      for (const { value } of records) {
        const decoded = decodeLifecycleEvent(value);
        if (decoded.ok) onEvent(decoded.event);
      }
    },
  });
  return { [Symbol.asyncDispose]: () => backend.close({ timeoutMs: 10_000 }) };
}
