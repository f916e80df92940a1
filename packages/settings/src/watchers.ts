import type { Logger } from '@preservarium/backend';
import { createFeed, type Feed, type FeedReader } from '@preservarium/concurrency';
import { QueueFullError } from '@preservarium/core';
import type { SettingsOfDevice } from './settings.js';

type Listener = (settings: SettingsOfDevice) => void;

const maxUnread = 10_000;

/** Those who are told of changes. */
export interface Watchers {
  /** @param current what the reader gets first */
  watch(filter: {
    readonly deviceId: string | undefined;
    readonly current: SettingsOfDevice | undefined;
    readonly signal: AbortSignal | undefined;
  }): FeedReader<SettingsOfDevice>;
  listen(listener: Listener): () => void;
  notify(settings: SettingsOfDevice): void;
  endAll(error?: unknown): void;
}

export function createWatchers(logger: Logger): Watchers {
  const feeds = new Map<Feed<SettingsOfDevice>, string | undefined>();
  const listeners = new Set<Listener>();

  function tell(listener: Listener, settings: SettingsOfDevice): void {
    try {
      listener(settings);
    } catch (error) {
      logger.error({ err: error, deviceId: settings.deviceId }, 'a listener of settings failed');
    }
  }

  return {
    watch({ deviceId, current, signal }) {
      const feed: Feed<SettingsOfDevice> = createFeed({
        maxUnread,
        tooManyUnread: () =>
          new QueueFullError(
            `${maxUnread} changes of settings wait to be read; read faster, or ask for one device`,
          ),
        signal,
        onEnd: () => feeds.delete(feed),
      });
      if (signal?.aborted) return feed.reader;
      feeds.set(feed, deviceId);
      if (current !== undefined) feed.push(current);
      return feed.reader;
    },
    listen(listener) {
      // The same function may listen twice.
      const own: Listener = (settings) => listener(settings);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    notify(settings) {
      for (const listener of listeners) tell(listener, settings);
      for (const [feed, deviceId] of feeds) {
        if (deviceId === undefined || deviceId === settings.deviceId) feed.push(settings);
      }
    },
    endAll(error) {
      listeners.clear();
      for (const feed of feeds.keys()) feed.end(error);
    },
  };
}
