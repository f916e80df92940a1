import type { CommandState, Lifecycle, LifecycleEvent } from '@preservarium/core';
import type { CommandId } from '@preservarium/tracking';

/**
 * Keeps the states of commands beyond the process. A command is that of a device: two devices may have one of the same request id each.
 * A command of which only answers of the device are known may be made up: it is kept for the event that proves it (see `isProven` of
 * `@preservarium/tracking`), and until then no call returns or counts it. The comments state every obligation, and the conformance suite of
 * `@preservarium/conformance` checks it. Every call rejects with `STORE_UNAVAILABLE`, `STORE_FAILED` or `CLOSED` where it cannot be done, within
 * a deadline of the store's own.
 */
export interface CommandStore extends AsyncDisposable {
  /**
   * Merges events into their commands, by the rules of `merge` of `@preservarium/tracking`, and moves the feed's positions, all in
   * one transaction. The same events give the same commands in whatever order and however often they come.
   *
   * @param events at most a few thousand: they are one transaction
   * @param positions how far partitions have been read with these; none moves back
   */
  save(events: readonly LifecycleEvent[], positions?: readonly FeedPosition[]): Promise<SaveOutcome>;

  /** Returns the lifecycle of a command; undefined for an unknown one. */
  get(command: CommandId): Promise<Lifecycle | undefined>;

  /**
   * The commands that fit, the newest first: by when they came into their state, then by request id and
   * device id. A command that changes its
   * state goes to the front, where those who are on a later page do not see it.
   *
   * @throws ValidationError where the limit is none, or the cursor is not one of this store
   */
  list(query: CommandQuery): Promise<CommandPage>;

  /** Returns the ids of devices that have commands, by the order of their bytes in UTF-8. */
  listDevices(query: DeviceQuery): Promise<readonly string[]>;

  /** How many of the commands that fit are in each state; states without any are absent. */
  countByState(filter?: CommandFilter): Promise<StateCounts>;

  /**
   * Deletes commands beyond the limits. Deleted commands stay deleted: the store keeps the ids of the last million of them, and
   * refuses their late events rather than take them for new commands.
   *
   * @returns how many were forgotten
   */
  prune(limits: RetentionLimits): Promise<number>;

  /**
   * Deletes all that the store knows of a device, also what it remembers of deleted commands. Events that are saved later, or again, begin
   * new commands: let the device send nothing any more, and Kafka's retention end the events in the topic.
   *
   * @returns how many commands were deleted
   */
  forget(deviceId: string): Promise<number>;

  /** Which feed fills the store, and how far it has read a topic. */
  progress(topic: string): Promise<FeedProgress>;

  /** Forgets all, also the positions and what was forgotten before, and begins a new feed. */
  clear(): Promise<void>;

  /** Keeps the commands and begins a new feed, without positions: the topic is to be read from its beginning again. */
  renewFeed(): Promise<void>;

  /** Waits for the calls in flight. */
  close(): Promise<void>;
}

export interface FeedPosition {
  /** Of `progress`. */
  readonly feedId: string;
  readonly topic: string;
  readonly partition: number;
  /** The offset after the last one that has been read. */
  readonly nextOffset: number;
}

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly refused: readonly RefusedEvent[] }
  /** The store has another feed now than that of a position, and nothing was saved: begin again from `progress`. */
  | { readonly kind: 'other-feed' };

export interface RefusedEvent {
  readonly event: LifecycleEvent;
  /** `forgotten`: the command was deleted by `prune`. */
  readonly reason: 'forgotten';
}

/** Commands fit that fit all that is given. */
export interface CommandFilter {
  readonly deviceId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly states?: readonly CommandState[] | undefined;
  readonly protocol?: string | undefined;
  readonly commandType?: string | undefined;
  /** They came into their state at this time or later. */
  readonly since?: Date | undefined;
  /** They came into their state before this time. */
  readonly until?: Date | undefined;
}

export interface CommandQuery extends CommandFilter {
  /** How many at most, from 1 to 1,000. */
  readonly limit: number;
  /** Of the page before; absent for the first one. */
  readonly cursor?: string | undefined;
}

export interface DeviceQuery {
  /** How many at most, from 1 to 1,000. */
  readonly limit: number;
  /** Only ids behind this one. */
  readonly after?: string | undefined;
  /** Only ids that begin so. */
  readonly prefix?: string | undefined;
}

export interface CommandPage {
  readonly lifecycles: readonly Lifecycle[];
  /** For the next page; undefined where there is none. */
  readonly cursor: string | undefined;
}

export type StateCounts = Readonly<Partial<Record<CommandState, number>>>;

export interface RetentionLimits {
  /** Those go that came to rest before this time: into a final state, or to `delivered`, where one-way commands stay. */
  readonly finishedBefore?: Date | undefined;
  /** Largest number of commands. Beyond it, finished commands go first, then unfinished ones; of each the oldest. */
  readonly maxCommands?: number | undefined;
}

export interface FeedProgress {
  /** Another one after each `clear` and `renewFeed`. */
  readonly feedId: string;
  /** Of each partition that has been read, the offset after the last one. */
  readonly nextOffsets: ReadonlyMap<number, number>;
}
