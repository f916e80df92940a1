import type { Backend, ConsumedRecord, Subscription } from '@preservarium/backend';

/** Commits records when they are handed over, as a consumer with automatic commits does. */
export function commitsBeforeProcessed(backend: Backend): Backend {
  return {
    ...backend,
    async subscribe(options) {
      let joined: (subscription: Subscription) => void = () => {};
      const whenJoined = new Promise<Subscription>((resolve) => {
        joined = resolve;
      });
      const subscription = await backend.subscribe({
        ...options,
        async onRecords(records) {
          const last = records.at(-1) as ConsumedRecord;
          (await whenJoined).markProcessed({ ...last, nextOffset: last.offset + 1 });
          await options.onRecords(records);
        },
      });
      joined(subscription);
      return subscription;
    },
  };
}
