export type { FeedReader } from '@preservarium/concurrency';
export type { AnswerCapabilities } from './answer-capabilities.js';
export { type CommandId, commandKey } from './command-id.js';
export { createEventLog } from './create-event-log.js';
export { createTracker } from './create-tracker.js';
export type { EventLog, EventLogLimits, EventLogOptions, LoggedEvent } from './event-log.js';
export { isFinal } from './final-states.js';
export { merge } from './merge.js';
export { isProven } from './proof.js';
export { type AwaitedState, hasReached } from './reached.js';
export type {
  PushAndWaitOptions,
  TrackedEvent,
  Tracker,
  TrackerLimits,
  TrackerOptions,
  WatchFilter,
} from './tracker.js';
