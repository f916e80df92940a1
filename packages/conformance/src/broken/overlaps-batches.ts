import type { Backend } from '@preservarium/backend';

/** Hands over the next records of a partition while the handler still works on those before. */
export function overlapsBatches(backend: Backend): Backend {
  return {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({
        ...options,
        async onRecords(records) {
          void options.onRecords(records);
        },
      }),
  };
}
