import {
  type CommandStoreFeed,
  type CommandStoreFeedOptions,
  feedCommandStore,
} from '@preservarium/command-store';
import { withDeadline } from '@preservarium/concurrency';

export interface StartFeedOptions extends CommandStoreFeedOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Starts the feed of a store, within the deadline. */
export function startFeed({ timeoutMs, signal, ...settings }: StartFeedOptions): Promise<CommandStoreFeed> {
  return withDeadline(feedCommandStore(settings), {
    doing: 'subscribe to the lifecycle events',
    timeoutMs,
    signal,
  });
}
