import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import type { CommandStore } from '@preservarium/command-store';
import { createMemoryCommandStore } from '@preservarium/command-store/memory';
import type { LifecycleEvent } from '@preservarium/core';
import { writeNote } from '../output.js';
import { catchUp } from './catch-up.js';
import { startFeed } from './start-feed.js';

/** Reading so many takes long enough to be told. */
const manyEvents = 10_000;
const maxCommands = 100_000;

export interface ReadEventsOptions {
  readonly topic: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Other events are not kept. */
  isWanted(event: LifecycleEvent): boolean;
}

/** What the topic of the events says, read from its beginning to its end; says on stderr where a store were better. */
export async function readEvents(
  backend: Backend,
  { topic, timeoutMs, signal, isWanted }: ReadEventsOptions,
): Promise<CommandStore> {
  const store = createMemoryCommandStore();
  const choosy: CommandStore = {
    ...store,
    save: (events, position) => store.save(events.filter(isWanted), position),
  };
  const feed = await startFeed({
    backend,
    store: choosy,
    eventsTopic: topic,
    groupId: `pusher-cli-${randomUUID()}`,
    retention: { maxAgeMs: Number.POSITIVE_INFINITY, maxCommands },
    timeoutMs,
    signal,
  });
  try {
    await catchUp(feed, {
      timeoutMs,
      signal,
      onTotal(eventCount) {
        if (eventCount < manyEvents) return;
        writeNote(`reads ${eventCount} events of ${topic}; with --store a command store answers at once`);
      },
    });
  } finally {
    await feed.close();
  }
  const counts = Object.values(await store.countByState());
  if (counts.reduce((sum, count) => sum + count, 0) >= maxCommands) {
    writeNote(`only the latest ${maxCommands} commands were kept; with --store a command store has them all`);
  }
  return store;
}
