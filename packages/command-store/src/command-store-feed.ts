import type { Logger, SubscriberBackend, TopicAdmin } from '@preservarium/backend';
import type { CommandStore } from './command-store.js';

/** Fills a command store from the topics of commands and lifecycle events. */
export interface CommandStoreFeed extends AsyncDisposable {
  /**
   * Resolves when the store has all that is in the topics at the time of this call, whichever member of the group wrote
   * them.
   *
   * @throws BackendUnavailableError where nothing more comes for `timeoutMs`, be it that the store cannot be reached
   * @throws AbortedError, ClosedError, or what the feed ended with
   */
  untilCaughtUp(options: CatchUpOptions): Promise<void>;

  /** Returns whether Kafka answers the feed; see `Subscription.isConnected` of `@preservarium/backend`. */
  isConnected(): boolean;

  /** Resolves after `close`; rejects with what the feed cannot go on after. */
  readonly closed: Promise<void>;

  /**
   * Finishes what is being written, enforces the retention, and leaves the group. The backend and the store stay open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface CatchUpOptions {
  /** How long it may stand still, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called again and again, with how many offsets of the topics are behind the store, and how many there are. */
  onProgress?(readCount: number, totalCount: number): void;
}

export interface CommandStoreFeedOptions {
  /** The Kafka client to read with; not closed by the feed. */
  readonly backend: SubscriberBackend & Pick<TopicAdmin, 'offsets'>;
  /** The store to fill; not closed by the feed. */
  readonly store: CommandStore;
  /** Default `device_command_events`. */
  readonly eventsTopic?: string;
  /**
   * Topics of commands: each command in them is known as `published` before a connector has taken it. `[]` reads none. Default
   * `['device_commands']`.
   */
  readonly commandTopics?: readonly string[];
  /**
   * Prefix of the consumer groups; the id of the store's feed follows, so that a store that begins again is read
   * from the beginning. Several processes share the work with the same one. Default `pusher_command_store`.
   */
  readonly groupId?: string;
  /**
   * False: this feed reads everything by itself, from where the store is, in a group of its own. It starts at once after a crash, whereas a member of a
   * shared group waits for the session of the one that crashed. Several such feeds of one store do the same work. Default true.
   */
  readonly sharesWork?: boolean;
  readonly retention?: FeedRetention;
  /** Default: nothing is logged. Results never are. */
  readonly logger?: Logger;
}

/** Limits of the store. The feed prunes every minute, after every 10,000 events, and at `close`. */
export interface FeedRetention {
  /** How long commands stay after they came to rest, in milliseconds; `Infinity` is for as long as there is room. Default 30 days. */
  readonly maxAgeMs?: number;
  /** How many commands stay. Default 1,000,000. */
  readonly maxCommands?: number;
}
