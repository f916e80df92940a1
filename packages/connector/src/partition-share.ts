import type { Subscription } from '@preservarium/backend';
import type { HeldCommand, Holder } from './held-command.js';
import { createOffsetWindow } from './offset-window.js';

/**
 * What this connector has of the partition with one number: that of the command topic and that of the waiting topic, which
 * one member of the group always has together, from when they are assigned until they are revoked.
 */
export interface PartitionShare extends Holder {
  /** Commands below this offset may have been delivered by whoever had the partition before. */
  repeatsBelow: number;
  /** What waits, by its source, while that is still being read; nothing is delivered before all of it is known. */
  replay: Map<string, HeldCommand> | undefined;
  /** Resolves when the replay has ended. */
  readonly caughtUp: PromiseWithResolvers<void>;
  end(): void;
  /** Waits for the promise, or until the share ends; for one at a time. */
  unlessEnding(promise: Promise<void>): Promise<void>;
  take(position: { readonly topic: string; readonly offset: number }): void;
  /** Whether a record behind this one is done with already. */
  isOvertaken(position: { readonly topic: string; readonly offset: number }): boolean;
}

export function createPartitionShare(
  partition: number,
  topics: readonly string[],
  markProcessed: Subscription['markProcessed'],
): PartitionShare {
  const windows = new Map(topics.map((topic) => [topic, createOffsetWindow()]));
  let isEnding = false;
  let stopWaiting = () => {};
  const share: PartitionShare = {
    partition,
    repeatsBelow: 0,
    replay: new Map(),
    caughtUp: Promise.withResolvers(),
    givenUp: new AbortController(),
    isGone: false,
    get isEnding() {
      return isEnding;
    },
    end() {
      isEnding = true;
      stopWaiting();
    },
    unlessEnding(promise) {
      if (isEnding) return Promise.resolve();
      return new Promise((resolve) => {
        stopWaiting = resolve;
        void promise.then(resolve);
      });
    },
    isOvertaken: ({ topic, offset }) => (windows.get(topic)?.lastFinished() ?? -1) > offset,
    take: ({ topic, offset }) => windows.get(topic)?.take(offset),
    finish({ topic, offset }) {
      const nextOffset = windows.get(topic)?.finish(offset);
      if (nextOffset !== undefined && !share.isGone) markProcessed({ topic, partition, nextOffset });
    },
  };
  return share;
}
