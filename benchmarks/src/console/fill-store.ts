import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import type { LifecycleEvent } from '@preservarium/core';

const eventsPerSave = 2_000;

/** Writes a store of commands that were published, one in five of which has succeeded. */
export async function fillStore(path: string, commands: number, say: (line: string) => void): Promise<void> {
  await using store = await createSqliteCommandStore({ path });
  const startedAtMs = Date.now() - commands;
  let events: LifecycleEvent[] = [];
  for (let index = 0; index < commands; index++) {
    events.push(...eventsOf(index, new Date(startedAtMs + index)));
    if (events.length < eventsPerSave && index < commands - 1) continue;
    await store.save(events);
    events = [];
    if (index % 100_000 < eventsPerSave / 2)
      say(`console: ${index + 1} of ${commands} commands are in the store`);
  }
}

function eventsOf(index: number, timestamp: Date): LifecycleEvent[] {
  const command = {
    requestId: `r${index}`,
    deviceId: `lamp-${index % 50_000}`,
    commandType: 'set_led',
    protocol: 'mqtt',
    timestamp,
  };
  const published: LifecycleEvent = { ...command, state: 'published', evidence: 'broker' };
  return index % 5 === 0
    ? [published, { ...command, state: 'succeeded', evidence: 'executed' }]
    : [published];
}
