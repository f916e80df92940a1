import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import {
  type CommandState,
  encodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
} from '@preservarium/core';
import { merge } from '@preservarium/tracking';
import { onTestFinished } from 'vitest';
import { type CommandStoreFeedOptions, feedCommandStore } from '../src/index.js';
import { createMemoryCommandStore } from '../src/memory/index.js';

export const eventsTopic = 'device_command_events';
const timeoutMs = 5_000;

/** An event of command `r1` of device `d1`, unless told otherwise; in the future, where no retention reaches it. */
export function event(
  state: CommandState,
  { second = 0, ...rest }: Partial<LifecycleEvent> & { readonly second?: number } = {},
): LifecycleEvent {
  const timestamp = new Date(Date.UTC(2100, 0, 1) + second * 1_000);
  return { requestId: 'r1', deviceId: 'd1', state, timestamp, ...rest };
}

/** Returns the lifecycle that these events give, by request id. */
export function lifecyclesOf(events: readonly LifecycleEvent[]): Map<string, Lifecycle> {
  const lifecycles = new Map<string, Lifecycle>();
  for (const each of events) lifecycles.set(each.requestId, merge(lifecycles.get(each.requestId), each));
  return lifecycles;
}

/** A Kafka in memory, a store, its feed, a writer of events, and the log. */
export function createWorld() {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });
  const connectors = createMemoryBackend({ broker });
  const store = createMemoryCommandStore();
  const logged: object[] = [];
  const log = (fields: object, message: string) => {
    logged.push({ ...fields, message });
  };
  const logger = { debug: log, info: log, warn: log, error: log };
  onTestFinished(async () => {
    await Promise.all([backend, connectors].map((each) => each.close({ timeoutMs })));
  });

  async function writeValues(
    values: readonly { readonly key: string; readonly value: Buffer }[],
  ): Promise<void> {
    const records = values.map((each) => ({ topic: eventsTopic, ...each }));
    for (const outcome of await connectors.publish(records, { timeoutMs })) {
      if (!outcome.ok) throw outcome.error;
    }
  }

  const write = (...events: readonly LifecycleEvent[]) =>
    writeValues(events.map((each) => ({ key: each.deviceId, value: encodeLifecycleEvent(each) })));

  async function feed(settings: Partial<CommandStoreFeedOptions> = {}) {
    const started = await feedCommandStore({ backend, store, logger, ...settings });
    onTestFinished(() => started.close());
    return { ...started, caughtUp: () => started.untilCaughtUp({ timeoutMs }) };
  }

  return { broker, backend, store, logged, write, writeValues, feed };
}
