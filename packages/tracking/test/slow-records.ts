import type { ConsumedRecord, SubscribeOptions, SubscriberBackend } from '@preservarium/backend';

/** More than a slice of work. */
const readingMs = 11;

/** Hands over records each of which takes longer to read than a slice of work, and notes the turn of the event loop in which it is read. */
export function withSlowRecords(backend: SubscriberBackend) {
  const readIn: number[] = [];
  let turn = 0;

  function slow(record: ConsumedRecord): ConsumedRecord {
    let isRead = false;
    return {
      ...record,
      get value() {
        if (!isRead) read();
        isRead = true;
        return record.value;
      },
    };
  }

  function read(): void {
    readIn.push(turn);
    const endsAtMs = performance.now() + readingMs;
    while (performance.now() < endsAtMs) {
      // As a decoder does: the event loop stands still.
    }
    setImmediate(() => {
      turn += 1;
    });
  }

  const slowBackend: SubscriberBackend = {
    ...backend,
    subscribe: (options: SubscribeOptions) =>
      backend.subscribe({ ...options, onRecords: (records) => options.onRecords(records.map(slow)) }),
  };
  return { backend: slowBackend, readIn };
}
