import type { SpanContext } from '@opentelemetry/api';

/** Where the traces of the latest commands are, for the answers of devices that do not say it. */
export interface RecentTraces {
  remember(id: string, trace: SpanContext): void;
  find(id: string): SpanContext | undefined;
}

/** @param limit so many are remembered at least, and twice as many at most */
export function createRecentTraces(limit: number): RecentTraces {
  let newer = new Map<string, SpanContext>();
  let older = new Map<string, SpanContext>();
  return {
    remember(id, trace) {
      newer.set(id, trace);
      if (newer.size < limit) return;
      older = newer;
      newer = new Map();
    },
    find: (id) => newer.get(id) ?? older.get(id),
  };
}
