import { createFeed, createKeyedSet, type Feed, type FeedReader } from '@preservarium/concurrency';
import { type Lifecycle, QueueFullError } from '@preservarium/core';
import type { CommandId } from './command-id.js';
import { eventBytes, lifecycleBytes } from './content-bytes.js';
import { isProven } from './proof.js';
import type { TrackedEvent, WatchFilter } from './tracker.js';

interface Watcher {
  take(tracked: TrackedEvent, changed: boolean): void;
  end(error?: unknown): void;
}

/** The readers of `track` and `watch`. */
export interface Watchers {
  /** @param known the current lifecycle, which the reader gets first */
  track(
    command: CommandId,
    known: Lifecycle | undefined,
    signal: AbortSignal | undefined,
  ): FeedReader<Lifecycle>;
  watch(filter: WatchFilter): FeedReader<TrackedEvent>;
  /** @param changed whether the event changed the lifecycle */
  notify(tracked: TrackedEvent, changed: boolean): void;
  endAll(error?: unknown): void;
}

const maxUnreadBytes = 64 * 1024 * 1024;

export function createWatchers({ maxUnread }: { readonly maxUnread: number }): Watchers {
  const watchers = createKeyedSet<Watcher>();

  function open<Item>(
    requestId: string | undefined,
    signal: AbortSignal | undefined,
    {
      sizeOf,
      take,
    }: {
      sizeOf(item: Item): number;
      take(feed: Feed<Item>, tracked: TrackedEvent, changed: boolean): void;
    },
  ): Feed<Item> {
    const watcher: Watcher = {
      take: (tracked, changed) => take(feed, tracked, changed),
      end: (error) => feed.end(error),
    };
    const feed: Feed<Item> = createFeed({
      maxUnread,
      maxUnreadBytes,
      sizeOf,
      tooManyUnread: (limit) =>
        new QueueFullError(
          limit === 'maxUnread'
            ? `limit of unread lifecycle events reached (limits.maxUnread = ${maxUnread}): read faster, filter more, or raise it`
            : `limit of unread lifecycle events reached (${maxUnreadBytes} bytes): read faster, or filter more`,
        ),
      signal,
      onEnd: () => watchers.remove(requestId, watcher),
    });
    if (!signal?.aborted) watchers.add(requestId, watcher);
    return feed;
  }

  return {
    track({ deviceId, requestId }, known, signal) {
      function give(feed: Feed<Lifecycle>, lifecycle: Lifecycle): void {
        feed.push(lifecycle);
        if (lifecycle.isFinal) feed.end();
      }
      const feed = open<Lifecycle>(requestId, signal, {
        sizeOf: lifecycleBytes,
        take(own, { lifecycle }, changed) {
          if (changed && lifecycle.deviceId === deviceId && isProven(lifecycle)) give(own, lifecycle);
        },
      });
      if (known !== undefined && isProven(known)) give(feed, known);
      return feed.reader;
    },
    watch({ deviceId, requestId, states, signal }) {
      const feed = open<TrackedEvent>(requestId, signal, {
        sizeOf: ({ event, lifecycle }) => eventBytes(event) + lifecycleBytes(lifecycle),
        take(own, tracked) {
          if (deviceId !== undefined && tracked.event.deviceId !== deviceId) return;
          if (states === undefined || states.includes(tracked.event.state)) own.push(tracked);
        },
      });
      return feed.reader;
    },
    notify(tracked, changed) {
      for (const watcher of watchers.of(tracked.event.requestId)) watcher.take(tracked, changed);
    },
    endAll(error) {
      for (const watcher of watchers.all()) watcher.end(error);
    },
  };
}
