import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import type { CommandStore } from '@preservarium/command-store';
import { createMemoryCommandStore } from '@preservarium/command-store/memory';
import type { LifecycleEvent } from '@preservarium/core';
import { writeNote } from '../output.js';
import { catchUp } from './catch-up.js';
import { startFeed } from './start-feed.js';

/** Reading this number takes long enough for a note. */
const manyRecords = 10_000;
const maxCommands = 100_000;

export interface ReadEventsOptions {
  readonly eventTopic: string;
  readonly commandTopic: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Returns whether an event is kept. */
  isWanted(event: LifecycleEvent): boolean;
}

/** Reads the topics of commands and of events into a store in memory; suggests a command store on stderr if they are long. */
export async function readEvents(
  backend: Backend,
  { eventTopic, commandTopic, timeoutMs, signal, isWanted }: ReadEventsOptions,
): Promise<CommandStore> {
  const store = createMemoryCommandStore();
  const choosy: CommandStore = {
    ...store,
    save: (events, positions) => store.save(events.filter(isWanted), positions),
  };
  const feed = await startFeed({
    backend,
    store: choosy,
    eventsTopic: eventTopic,
    commandTopics: [commandTopic],
    groupId: `pusher-cli-${randomUUID()}`,
    retention: { maxAgeMs: Number.POSITIVE_INFINITY, maxCommands },
    timeoutMs,
    signal,
  });
  try {
    await catchUp(feed, {
      timeoutMs,
      signal,
      onTotal(recordCount) {
        if (recordCount < manyRecords) return;
        writeNote(
          `reading ${recordCount} records of ${commandTopic} and ${eventTopic}; a command store (--store) answers at once`,
        );
      },
    });
  } finally {
    await feed.close();
  }
  const counts = Object.values(await store.countByState());
  if (counts.reduce((sum, count) => sum + count, 0) >= maxCommands) {
    writeNote(`kept only the latest ${maxCommands} commands; a command store (--store) has all of them`);
  }
  return store;
}
