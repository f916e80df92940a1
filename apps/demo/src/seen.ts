import { settledWithin } from '@preservarium/concurrency';

/** Ids that have been seen. */
export interface Seen {
  add(id: string): void;
  /** Resolves when the id has been seen, or after 20 s. */
  until(id: string): Promise<void>;
}

const timeoutMs = 20_000;

export function createSeen(): Seen {
  const ids = new Map<string, PromiseWithResolvers<void>>();

  function of(id: string): PromiseWithResolvers<void> {
    const known = ids.get(id) ?? Promise.withResolvers<void>();
    ids.set(id, known);
    return known;
  }

  return {
    add: (id) => of(id).resolve(),
    async until(id) {
      await settledWithin(of(id).promise, timeoutMs);
    },
  };
}
