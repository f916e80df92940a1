import type { LifecycleEvent } from '@preservarium/core';
import type { LoggedEvent } from './event-log.js';
import { formatPosition } from './event-position.js';

/** A record of the topic of events; `event` is undefined where it cannot be read. */
export interface EventRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly event: LifecycleEvent | undefined;
  /** Of its value. */
  readonly bytes: number;
}

interface RecentEvent extends LoggedEvent {
  readonly partition: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Beyond it the older half is forgotten: an event with a result may have a megabyte. */
const maxRecentBytes = 16 * 1024 * 1024;

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

/** @param maxRecent at least so many events are kept, unless they are large, and at most twice as many */
export function createRecentEvents(maxRecent: number): RecentEvents {
  const ends = new Map<number, number>();
  const bases = new Map<number, number>();
  let events: RecentEvent[] = [];
  let bytes = 0;

  function forgetOldest(): void {
    if (events.length >= 2 * maxRecent) forget(maxRecent);
    while (bytes > maxRecentBytes && events.length > 1) forget(Math.ceil(events.length / 2));
  }

  function forget(count: number): void {
    for (const { partition, offset } of events.slice(0, count)) bases.set(partition, offset + 1);
    keep(events.slice(count));
  }

  function keep(kept: RecentEvent[]): void {
    events = kept;
    bytes = kept.reduce((sum, event) => sum + event.bytes, 0);
  }

  return {
    begin(partition, offset, isNew) {
      if (ends.has(partition) && !isNew) return;
      keep(events.filter((event) => event.partition !== partition));
      ends.set(partition, offset);
      bases.set(partition, offset);
    },
    add({ partition, offset, timestampMs, event, bytes: added }) {
      if (offset < (ends.get(partition) ?? 0)) return undefined;
      ends.set(partition, offset + 1);
      if (event === undefined) return undefined;
      const position = formatPosition({ writtenAtMs: timestampMs, nextOffsets: ends });
      const logged = { event, position };
      events.push({ ...logged, partition, offset, bytes: added });
      bytes += added;
      forgetOldest();
      return logged;
    },
    has: (nextOffsets) => [...bases].every(([partition, base]) => (nextOffsets.get(partition) ?? 0) >= base),
    from: (nextOffsets) =>
      events.filter(({ partition, offset }) => offset >= (nextOffsets.get(partition) ?? 0)),
  };
}
