import type { Logger, SubscriberBackend } from '@preservarium/backend';
import type { LifecycleEvent } from '@preservarium/core';

/** The topic of lifecycle events for many readers, who may come back to where they were. */
export interface EventLog extends AsyncDisposable {
  /**
   * Iterates over all events after a position, or over those from now on. After a position no event is left out, unless Kafka's retention
   * has deleted it; some may come again. Ends with `return`, the signal and `close`.
   *
   * @throws ValidationError while reading, for a position that is not one of an event log
   * @throws QueueFullError while reading, when more than `limits.maxUnread` events, or 64 MiB, are unread: read on after the last position
   * @throws SubscriptionFailedError or another error of the backend, while reading
   */
  read(options?: {
    readonly after?: string | undefined;
    readonly signal?: AbortSignal;
  }): AsyncGenerator<LoggedEvent, void>;

  /** Rejects when the events cannot be read any longer; resolves after `close`. */
  readonly closed: Promise<void>;

  /**
   * Ends the iterations and stops reading. The backend stays open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface LoggedEvent {
  readonly event: LifecycleEvent;
  /** `after` of `read` goes on behind this event: offsets of all partitions, in one line of ASCII. */
  readonly position: string;
}

export interface EventLogOptions {
  /** Kafka client; `close` leaves it open. */
  readonly backend: SubscriberBackend;
  /** Default `device_command_events`. */
  readonly eventsTopic?: string;
  readonly limits?: EventLogLimits;
  /** Results are never logged. Default: no logging. */
  readonly logger?: Logger;
}

export interface EventLogLimits {
  /** Newest events that are kept in memory; up to twice as many are held. A reader who is farther behind reads them from Kafka. Default 10,000. */
  readonly maxRecent?: number;
  /** Unread events of one reader. Default 1,000. */
  readonly maxUnread?: number;
  /** Readers that read old events from Kafka at the same time, each as a consumer group; others wait. Default 8. */
  readonly maxCatchingUp?: number;
}
