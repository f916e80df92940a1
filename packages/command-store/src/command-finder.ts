import type { Lifecycle } from '@preservarium/core';
import type { CommandStore } from './command-store.js';
import type { CommandStoreFeed } from './command-store-feed.js';

/** Finds commands that were acknowledged, also before the store has read of them. */
export interface CommandFinder {
  /**
   * Returns the commands with this request id, at most 100; of one device, if it is named. Where the store has none, it first reads the
   * topics to their present end: a command that Kafka acknowledged before this call is found.
   *
   * @throws what the store and `untilCaughtUp` of its feed throw
   */
  find(of: {
    readonly requestId: string;
    readonly deviceId?: string | undefined;
  }): Promise<readonly Lifecycle[]>;
}

export interface CommandFinderOptions {
  readonly store: Pick<CommandStore, 'get' | 'list'>;
  readonly feed: Pick<CommandStoreFeed, 'untilCaughtUp'>;
  /** How long the feed may stand still, in milliseconds. */
  readonly timeoutMs: number;
}

/** Devices whose commands may have one request id: a caller may not see all of them. */
const maxFound = 100;

/** Creates a finder. However many calls miss at the same time, the topics are read once for all of them. */
export function createCommandFinder({ store, feed, timeoutMs }: CommandFinderOptions): CommandFinder {
  const catchUp = shareNext(() => feed.untilCaughtUp({ timeoutMs }));

  async function look({ requestId, deviceId }: Parameters<CommandFinder['find']>[0]) {
    if (deviceId === undefined) return (await store.list({ requestId, limit: maxFound })).lifecycles;
    const lifecycle = await store.get({ deviceId, requestId });
    return lifecycle === undefined ? [] : [lifecycle];
  }

  return {
    async find(of) {
      const known = await look(of);
      if (known.length > 0) return known;
      await catchUp();
      return look(of);
    },
  };
}

/** Returns a function whose every call is answered by a run that began after it; at most one runs at a time, and one waits. */
function shareNext(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    const current = run().finally(() => {
      if (running === current) running = undefined;
    });
    running = current;
    return current;
  }

  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}
