import type { LifecycleEvent } from '@preservarium/core';
import type { LoggedEvent } from './event-log.js';
import { formatPosition } from './event-position.js';

/** A record of the topic of events; `event` is undefined where it cannot be read. */
export interface EventRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly event: LifecycleEvent | undefined;
}

interface RecentEvent extends LoggedEvent {
  readonly partition: number;
  readonly offset: number;
}

/** The newest events, without a gap from the base of each partition on. */
export interface RecentEvents {
  /** Begins a partition at an offset, or begins it again. */
  begin(partition: number, offset: number, isNew: boolean): void;
  /** Returns the event, to be handed to the readers; undefined for a record that was there before or has none. */
  add(record: EventRecord): LoggedEvent | undefined;
  /** Returns whether all events from these offsets on are here. */
  has(nextOffsets: ReadonlyMap<number, number>): boolean;
  /** Returns the events from these offsets on. */
  from(nextOffsets: ReadonlyMap<number, number>): readonly LoggedEvent[];
}

/** @param maxRecent at least so many events are kept, and at most twice as many */
export function createRecentEvents(maxRecent: number): RecentEvents {
  const ends = new Map<number, number>();
  const bases = new Map<number, number>();
  let events: RecentEvent[] = [];

  function forgetOldest(): void {
    if (events.length < 2 * maxRecent) return;
    for (const { partition, offset } of events.slice(0, maxRecent)) bases.set(partition, offset + 1);
    events = events.slice(maxRecent);
  }

  return {
    begin(partition, offset, isNew) {
      if (ends.has(partition) && !isNew) return;
      events = events.filter((event) => event.partition !== partition);
      ends.set(partition, offset);
      bases.set(partition, offset);
    },
    add({ partition, offset, timestampMs, event }) {
      if (offset < (ends.get(partition) ?? 0)) return undefined;
      ends.set(partition, offset + 1);
      if (event === undefined) return undefined;
      const position = formatPosition({ writtenAtMs: timestampMs, nextOffsets: ends });
      const logged = { event, position };
      events.push({ ...logged, partition, offset });
      forgetOldest();
      return logged;
    },
    has: (nextOffsets) => [...bases].every(([partition, base]) => (nextOffsets.get(partition) ?? 0) >= base),
    from: (nextOffsets) =>
      events.filter(({ partition, offset }) => offset >= (nextOffsets.get(partition) ?? 0)),
  };
}
