import type { Logger, SubscriberBackend } from '@preservarium/backend';
import type { FeedReader } from '@preservarium/concurrency';
import type { CommandInput, CommandState, Lifecycle, LifecycleEvent } from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import type { AnswerCapabilities } from './answer-capabilities.js';
import type { AwaitedState } from './reached.js';

/** Follows commands by the lifecycle events that connectors write. */
export interface Tracker extends AsyncDisposable {
  /**
   * Pushes a command and waits until it has come into a state, or into a later one. The wait begins before the push: an
   * answer that comes before the brokers' acknowledgement counts. With the `requestId` of a command that is known already, what
   * is known counts too.
   *
   * @returns what became of it up to then
   * @throws CommandFailedError with the lifecycle, when it came to another end, or when the device's answer does not fit the
   *   result schema of `defineCommand` or of the device's type; that is in `cause`
   * @throws WaitTimedOutError with the lifecycle so far
   * @throws AbortedError, ClosedError, SubscriptionFailedError or another error of the backend
   * @throws whatever `service.pushCommand` throws
   */
  pushAndWait(
    service: Pick<PusherService, 'pushCommand'>,
    command: CommandInput,
    options: PushAndWaitOptions,
  ): Promise<Lifecycle>;

  /**
   * Follows one command from this call on: gives what is known of it, then each change, and ends after its final state.
   * Ends also with `return`, the signal, and `close`.
   *
   * @throws QueueFullError while reading, after `limits.maxUnread` changes that were not read
   * @throws SubscriptionFailedError or another error of the backend, while reading
   */
  track(requestId: string, options?: { readonly signal?: AbortSignal }): FeedReader<Lifecycle>;

  /**
   * Gives every event from this call on that the filter lets through, repeated and late ones as well. Ends and throws as
   * `track` does, but not after a final state.
   */
  watch(filter?: WatchFilter): FeedReader<TrackedEvent>;

  /**
   * Rejects the waits with `CLOSED`, ends the iterations, and leaves the group. The backend stays open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface PushAndWaitOptions {
  /** A command that failed was delivered; one that was rejected was not. */
  readonly until: AwaitedState;
  /**
   * Deadline for the push and the wait together, in milliseconds. Default: what `capabilities` declare of the command, else
   * 30,000.
   */
  readonly timeoutMs?: number;
  /** Aborting ends the wait with `ABORTED`; the command goes on its way all the same. */
  readonly signal?: AbortSignal;
}

/** Events pass that fit all that is given. */
export interface WatchFilter {
  readonly deviceId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly states?: readonly CommandState[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An event, and what is known of its command with it. */
export interface TrackedEvent {
  readonly event: LifecycleEvent;
  readonly lifecycle: Lifecycle;
}

export interface TrackerOptions {
  /** The Kafka client to subscribe with; it may be that of a pusher service, and is not closed by the tracker. */
  readonly backend: SubscriberBackend;
  /** Default `device_command_events`. */
  readonly eventsTopic?: string;
  /**
   * Consumer group, of this tracker alone: members of one group would each see a part of the events. Default: a new one. One
   * that is kept over a restart goes on where it was.
   */
  readonly groupId?: string;
  /** What the devices' answers are checked with, beside the command's own schema. Default: nothing. */
  readonly capabilities?: AnswerCapabilities;
  /** Default: nothing is logged. Results never are. */
  readonly logger?: Logger;
  readonly limits?: TrackerLimits;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
}

/** All events of the topic pass through each tracker; these bound what it keeps of them. */
export interface TrackerLimits {
  /** Commands in a final state that are remembered, the latest; up to twice as many are held. Default 10,000. */
  readonly maxFinished?: number;
  /** Commands in other states that are remembered, those heard of last; up to twice as many are held. Default 100,000. */
  readonly maxUnfinished?: number;
  /** Events that may wait to be read by one reader of `track` or `watch`. Default 10,000. */
  readonly maxUnread?: number;
}
