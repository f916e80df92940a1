import type { Backend } from '@preservarium/backend';

/** Goes on as if nothing had happened when a callback fails. */
export function ignoresCallbackErrors(backend: Backend): Backend {
  return {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({
        ...options,
        onAssigned(partitions) {
          try {
            options.onAssigned?.(partitions);
          } catch {}
        },
        async onRevoked(partitions) {
          await options.onRevoked?.(partitions).catch(() => {});
        },
      }),
  };
}
