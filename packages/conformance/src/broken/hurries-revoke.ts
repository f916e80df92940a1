import type { Backend } from '@preservarium/backend';

/** Gives partitions back without waiting for what the handler still wants to mark as processed. */
export function hurriesRevoke(backend: Backend): Backend {
  return {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({
        ...options,
        async onRevoked(partitions) {
          void options.onRevoked?.(partitions);
        },
      }),
  };
}
