import type { Logger, SubscriberBackend, WireFormat } from '@preservarium/backend';
import type { FeedReader } from '@preservarium/concurrency';
import type {
  CommandState,
  JsonValue,
  Lifecycle,
  LifecycleEvent,
  TypedCommandInput,
} from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import type { AnswerCapabilities } from './answer-capabilities.js';
import type { CommandId } from './command-id.js';
import type { AwaitedState } from './reached.js';

/** Follows commands through the lifecycle events that connectors write. */
export interface Tracker extends AsyncDisposable {
  /**
   * Pushes a command and waits until it reaches a state or a later one. The wait begins before the push, so an answer that arrives before the
   * brokers' acknowledgement counts. A command whose known lifecycle settles the wait is not pushed again.
   *
   * @returns the lifecycle at that moment; `result` has the type of the result schema of `defineCommand`. It is undefined if another state than
   *   `succeeded` is awaited and the device has not answered yet.
   * @throws ValidationError before the push, when the state never comes for the protocol and the required evidence of the command
   * @throws CommandFailedError with the lifecycle, when the command reached another final state, or when the answer of the device does not
   *   fit the result schema of `defineCommand` or of the device's type (then with `cause`)
   * @throws WaitTimedOutError with the lifecycle so far, at the deadline
   * @throws AbortedError, ClosedError, SubscriptionFailedError or another error of the backend
   * @throws whatever `service.pushCommand` throws
   */
  pushAndWait<Result = JsonValue | undefined>(
    service: Pick<PusherService, 'pushCommand'>,
    command: TypedCommandInput<Result>,
    options: PushAndWaitOptions & { readonly until: 'succeeded' },
  ): Promise<Lifecycle<Result>>;
  pushAndWait<Result = JsonValue | undefined>(
    service: Pick<PusherService, 'pushCommand'>,
    command: TypedCommandInput<Result>,
    options: PushAndWaitOptions,
  ): Promise<Lifecycle<Result | undefined>>;

  /**
   * Iterates over the lifecycle of one command: first as it is known now, then after each change. The iteration ends after the final state,
   * and with `return`, the signal and `close`. An answer of the device counts once the tracker knows that the command was dispatched to that
   * device: start it before, or ask a command store.
   *
   * @throws QueueFullError while reading, when more than `limits.maxUnread` changes, or 64 MiB, are unread
   * @throws SubscriptionFailedError or another error of the backend, while reading
   */
  track(command: CommandId, options?: { readonly signal?: AbortSignal }): FeedReader<Lifecycle>;

  /**
   * Iterates over all events from this call on that match the filter, including repeated and late ones. Ends and throws as `track` does,
   * but not after a final state.
   */
  watch(filter?: WatchFilter): FeedReader<TrackedEvent>;

  /**
   * Rejects pending waits with `CLOSED`, ends the iterations and leaves the consumer group. The backend stays open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface PushAndWaitOptions {
  /** State to wait for. `failed` counts as delivered, `rejected` does not. */
  readonly until: AwaitedState;
  /** Deadline of the push and the wait together, in milliseconds. Default: the `timeoutMs` that `capabilities` declare, else 30,000. */
  readonly timeoutMs?: number;
  /** Aborting rejects the wait with `ABORTED`; the command is still delivered. */
  readonly signal?: AbortSignal;
}

/** Events match if they match all given fields. */
export interface WatchFilter {
  readonly deviceId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly states?: readonly CommandState[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An event, with the lifecycle of its command after it. */
export interface TrackedEvent {
  readonly event: LifecycleEvent;
  /** Without answers of the device until the command was dispatched: see `isProven`. */
  readonly lifecycle: Lifecycle;
}

export interface TrackerOptions {
  /** Kafka client; it may be shared with a pusher service. `close` leaves it open. */
  readonly backend: SubscriberBackend;
  /** Default `device_command_events`. */
  readonly eventsTopic?: string;
  /** The form of the records of `eventsTopic`: `createHonoFormat` of `@preservarium/hono` makes one. Default: lifecycle events. */
  readonly format?: Pick<WireFormat, 'decodeEnd'>;
  /**
   * Consumer group of this tracker alone: members of one group would each get a part of the events. Keep a group over restarts to
   * learn what happened meanwhile; a tracker knows nothing of what it read before. Default: a new one, which starts at the end.
   */
  readonly groupId?: string;
  /** Checks the answers of devices, in addition to the schema of the command. Default: no check. */
  readonly capabilities?: AnswerCapabilities;
  /** Results are never logged. Default: no logging. */
  readonly logger?: Logger;
  readonly limits?: TrackerLimits;
  /** Returns milliseconds since 1970. Default: the system clock. */
  readonly clock?: () => number;
}

/** Bounds of memory: every tracker reads all events of the topic. */
export interface TrackerLimits {
  /** Commands in a final state that are remembered, unless their texts and results are large: 64 MiB are kept in all. Default 10,000. */
  readonly maxFinished?: number;
  /** Commands in other states that are remembered, within the same bytes. Default 100,000. */
  readonly maxUnfinished?: number;
  /** Unread events of one reader of `track` or `watch`, of 64 MiB at most. Default 10,000. */
  readonly maxUnread?: number;
}
