import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { PublishRecord, RecordSigner } from '@preservarium/backend';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import type { CommandInput, LifecycleEvent } from '@preservarium/core';
import { decodeLifecycleEvent } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { createPusherService } from '@preservarium/publisher';
import { expect } from 'vitest';
import { type Connector, type ConnectorOptions, runConnector } from '../src/index.js';

const quickly = { baseDelayMs: 1, maxDelayMs: 5 };

const untilTimeoutMs = 20_000;
const lookEveryMs = 10;
/** How often in a row everything must have been at rest. */
const looksAtRest = 30;

/** Returns how many commands of a connector have not ended. */
export function left(connector: Connector): number {
  const { inFlight, waiting } = connector.status();
  return inFlight + waiting;
}

/** A Kafka in memory with a command topic of two partitions, an application that pushes, and connectors. */
export function createWorld({ sign }: { readonly sign?: RecordSigner | undefined } = {}) {
  const broker = createMemoryBroker({ autoCreateTopics: false });
  broker.createTopic({ topic: 'device_commands', partitions: 2 });
  const application = createMemoryBackend({ broker });
  const service = createPusherService({ backend: application, sign });
  const running = new Set<Connector>();

  async function start(deliverer: Deliverer, settings: Partial<ConnectorOptions> = {}): Promise<Connector> {
    const connector = await runConnector({
      backend: createMemoryBackend({ broker }),
      from: 'beginning',
      retry: quickly,
      drainTimeoutMs: 200,
      deliverer,
      ...settings,
    });
    running.add(connector);
    return connector;
  }

  async function push(input: Partial<CommandInput> & { readonly note?: unknown }): Promise<string> {
    const { note, ...given } = input;
    const receipt = await service.pushCommand({
      deviceId: 'd1',
      commandType: 'set_led',
      protocol: 'mqtt',
      payload: { note: note ?? null } as CommandInput['payload'],
      ...given,
    });
    return receipt.requestId;
  }

  async function publish(record: Omit<PublishRecord, 'topic'> & { readonly topic?: string }): Promise<void> {
    const [outcome] = await application.publish([{ topic: 'device_commands', ...record }], {
      timeoutMs: 1_000,
    });
    if (!outcome?.ok) throw outcome?.error;
  }

  function events(requestId?: string): LifecycleEvent[] {
    return broker.records('device_command_events').flatMap(({ value }) => {
      const decoded = decodeLifecycleEvent(value);
      if (!decoded.ok) throw new Error(decoded.message);
      return requestId === undefined || decoded.event.requestId === requestId ? [decoded.event] : [];
    });
  }

  const states = (requestId: string) => events(requestId).map(({ state }) => state);

  /** Waits until the command has been through these states and no others. */
  const untilStates = (requestId: string, expected: readonly string[]) =>
    until(() => states(requestId), expected);

  /** Waits until the value is the expected one. Fails as soon as nothing is in flight or waits that could change it. */
  async function until(value: () => unknown, expected: unknown): Promise<void> {
    const giveUpMs = performance.now() + untilTimeoutMs;
    let looks = 0;
    while (!isDeepStrictEqual(value(), expected) && looks < looksAtRest && performance.now() < giveUpMs) {
      await pause(lookEveryMs);
      looks = isAtRest() ? looks + 1 : 0;
    }
    const rest = looks < looksAtRest ? `not after ${untilTimeoutMs} ms` : 'nothing is in flight or waits';
    expect(value(), rest).toEqual(expected);
  }

  function isAtRest(): boolean {
    const busy = [...running].some((connector) => left(connector) !== 0);
    return !busy && uncommitted() === 0;
  }

  /** Returns the lag of the group on the command topic. */
  function uncommitted(groupId = 'pusher_connector_mqtt'): number {
    const group = broker.group(groupId);
    const ends = new Map<number, number>();
    for (const { partition, offset } of broker.records('device_commands')) ends.set(partition, offset + 1);
    let left = 0;
    for (const [partition, end] of ends) {
      left += end - (group.committed({ topic: 'device_commands', partition }) ?? 0);
    }
    return left;
  }

  return {
    broker,
    service,
    start,
    push,
    publish,
    events,
    states,
    untilStates,
    until,
    uncommitted,
    deadLetters: () => broker.records('device_commands_dead'),
    async close() {
      await Promise.all([...running].map((connector) => connector.close({ timeoutMs: 50 })));
      await service.close();
    },
  };
}

export type World = ReturnType<typeof createWorld>;
