import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import type { CommandInput, LifecycleEvent } from '@preservarium/core';
import { encodeLifecycleEvent } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { onTestFinished } from 'vitest';
import { createTracker, type TrackerOptions } from '../src/index.js';

export const eventsTopic = 'device_command_events';

/** A Kafka in memory, an application that pushes and tracks, and a writer of events. */
export async function createWorld(settings: Partial<TrackerOptions> = {}) {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });
  const connectors = createMemoryBackend({ broker });
  const service = createPusherService({ backend });
  const tracker = await createTracker({ backend, ...settings });
  onTestFinished(async () => {
    await tracker.close();
    await service.close();
  });

  async function writeValues(values: readonly { key: string; value: Buffer }[]): Promise<void> {
    const records = values.map((each) => ({ topic: eventsTopic, ...each }));
    for (const outcome of await connectors.publish(records, { timeoutMs: 5_000 })) {
      if (!outcome.ok) throw outcome.error;
    }
  }

  const write = (...events: readonly LifecycleEvent[]) =>
    writeValues(events.map((each) => ({ key: each.deviceId, value: encodeLifecycleEvent(each) })));

  return { broker, backend, service, tracker, write, writeValues };
}

export const command = (given: Partial<CommandInput> = {}): CommandInput => ({
  requestId: 'r1',
  deviceId: 'd1',
  commandType: 'open',
  protocol: 'mqtt',
  ...given,
});

/** Reads an iteration to its end. */
export async function readAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const read: Item[] = [];
  for await (const item of items) read.push(item);
  return read;
}
