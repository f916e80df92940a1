export { cursorAfter } from './command-cursor.js';
export { type CommandFinder, type CommandFinderOptions, createCommandFinder } from './command-finder.js';
export type {
  CommandFilter,
  CommandPage,
  CommandQuery,
  CommandStore,
  DeviceQuery,
  FeedPosition,
  FeedProgress,
  RefusedEvent,
  RetentionLimits,
  SaveOutcome,
  StateCounts,
} from './command-store.js';
export type {
  CatchUpOptions,
  CommandStoreFeed,
  CommandStoreFeedOptions,
  FeedRetention,
} from './command-store-feed.js';
export { compareUtf8 } from './compare-utf8.js';
export { feedCommandStore } from './feed-command-store.js';
export { type ClaimedPush, claimPush, fingerprintOf } from './request-keys/claim-push.js';
export type { ClaimedRequest, RequestClaim, RequestKeys } from './request-keys/request-keys.js';
export { type UntilCaughtUpOptions, untilCaughtUp } from './until-caught-up.js';
