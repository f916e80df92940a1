import type { Logger } from '@preservarium/backend';
import { createFeed, createKeyedSet, type Feed, type FeedReader } from '@preservarium/concurrency';
import { memoryOfJson, QueueFullError } from '@preservarium/core';
import type { SettingsOfDevice } from './settings.js';

type Listener = (settings: SettingsOfDevice) => void;

const maxUnread = 10_000;
const maxUnreadBytes = 64 * 1024 * 1024;

/** The readers of `watchSettings` and the listeners of `onChange`. */
export interface Watchers {
  /** @param current settings that the reader gets first */
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
  const feeds = createKeyedSet<Feed<SettingsOfDevice>>();
  const listeners = new Set<Listener>();

  function call(listener: Listener, settings: SettingsOfDevice): void {
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
        maxUnreadBytes,
        sizeOf: memoryOfSettings,
        tooManyUnread: (limit) =>
          new QueueFullError(
            `limit of unread changes of settings reached (${limit === 'maxUnread' ? maxUnread : `${maxUnreadBytes} bytes`}): read faster, or watch one device`,
          ),
        signal,
        onEnd: () => feeds.remove(deviceId, feed),
      });
      if (signal?.aborted) return feed.reader;
      feeds.add(deviceId, feed);
      if (current !== undefined) feed.push(current);
      return feed.reader;
    },
    listen(listener) {
      // A new function each time: the same listener may be added twice.
      const own: Listener = (settings) => listener(settings);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    notify(settings) {
      for (const listener of listeners) call(listener, settings);
      for (const feed of feeds.of(settings.deviceId)) feed.push(settings);
    },
    endAll(error) {
      listeners.clear();
      for (const feed of feeds.all()) feed.end(error);
    },
  };
}

/** The readers of a change share it. */
const known = new WeakMap<SettingsOfDevice, number>();

function memoryOfSettings(settings: SettingsOfDevice): number {
  const { metadata, desired, reported, difference } = settings;
  const bytes = known.get(settings) ?? memoryOfJson([metadata, desired, reported, difference]);
  known.set(settings, bytes);
  return bytes;
}
