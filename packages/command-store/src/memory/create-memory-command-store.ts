import { randomUUID } from 'node:crypto';
import { ClosedError, type CommandState, type Lifecycle } from '@preservarium/core';
import { commandKey, isProven } from '@preservarium/tracking';
import { type CommandPlace, cursorAfter, startOfPage } from '../command-cursor.js';
import type { CommandFilter, CommandStore, RetentionLimits } from '../command-store.js';
import { compareUtf8 } from '../compare-utf8.js';
import { isAtRest } from '../is-at-rest.js';
import { maxForgotten } from '../max-forgotten.js';
import { createEventMerge } from '../merge-events.js';

/** A store that is gone with the process: for tests, and for reading a topic once. */
export function createMemoryCommandStore(): CommandStore {
  const commands = new Map<string, Lifecycle>();
  /** The device of each command that was pruned. */
  const forgotten = new Map<string, string>();
  const positions = new Map<string, Map<number, number>>();
  let feedId = randomUUID();
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new ClosedError('the command store');
  }

  function newestFirst(filter: CommandFilter): Lifecycle[] {
    return [...commands.values()].filter((lifecycle) => fits(lifecycle, filter)).toSorted(compareNewestFirst);
  }

  function forget(lifecycles: readonly Lifecycle[]): void {
    for (const lifecycle of lifecycles) {
      const key = commandKey(lifecycle);
      commands.delete(key);
      forgotten.set(key, lifecycle.deviceId);
    }
    for (const key of forgotten.keys()) {
      if (forgotten.size <= maxForgotten) break;
      forgotten.delete(key);
    }
  }

  function renew(): void {
    positions.clear();
    feedId = randomUUID();
  }

  const store: CommandStore = {
    async save(events, positionsRead = []) {
      assertOpen();
      if (positionsRead.some((position) => position.feedId !== feedId)) return { kind: 'other-feed' };
      const { add, merged } = createEventMerge({
        get: (command) => commands.get(commandKey(command)),
        isForgotten: (command) => forgotten.has(commandKey(command)),
      });
      events.forEach(add);
      const { changed, refused } = merged;
      for (const [key, lifecycle] of changed) commands.set(key, lifecycle);
      for (const { topic, partition, nextOffset } of positionsRead) {
        const ofTopic = positions.get(topic) ?? new Map<number, number>();
        positions.set(topic, ofTopic.set(partition, Math.max(nextOffset, ofTopic.get(partition) ?? 0)));
      }
      return { kind: 'saved', refused };
    },
    async get(command) {
      assertOpen();
      const lifecycle = commands.get(commandKey(command));
      return lifecycle && isProven(lifecycle) ? lifecycle : undefined;
    },
    async list(query) {
      assertOpen();
      const start = startOfPage(query);
      const proven = newestFirst(query).filter(isProven);
      const all = proven.filter((lifecycle) => start === undefined || isAfter(lifecycle, start));
      const lifecycles = all.slice(0, query.limit);
      const last = lifecycles.at(-1);
      return { lifecycles, cursor: last && all.length > query.limit ? cursorAfter(last) : undefined };
    },
    async listDevices({ limit, after, prefix = '' }) {
      assertOpen();
      const ids = [...commands.values()].filter(isProven).map(({ deviceId }) => deviceId);
      const fitting = ids.filter(
        (id) => id.startsWith(prefix) && (after === undefined || compareUtf8(id, after) > 0),
      );
      return [...new Set(fitting)].toSorted(compareUtf8).slice(0, limit);
    },
    async countByState(filter = {}) {
      assertOpen();
      const counts: Partial<Record<CommandState, number>> = {};
      for (const { state } of newestFirst(filter).filter(isProven)) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
    async prune({ finishedBefore, maxCommands }: RetentionLimits) {
      assertOpen();
      const before = commands.size;
      if (finishedBefore !== undefined) forget(newestFirst({ until: finishedBefore }).filter(isAtRest));
      if (maxCommands !== undefined) {
        const oldestLast = newestFirst({});
        const lastToStay = [...oldestLast.filter((each) => !isAtRest(each)), ...oldestLast.filter(isAtRest)];
        forget(lastToStay.slice(maxCommands));
      }
      return before - commands.size;
    },
    async forget(deviceId) {
      assertOpen();
      const ofDevice = newestFirst({ deviceId });
      for (const lifecycle of ofDevice) commands.delete(commandKey(lifecycle));
      for (const [key, of] of forgotten) if (of === deviceId) forgotten.delete(key);
      return ofDevice.length;
    },
    async progress(topic) {
      assertOpen();
      return { feedId, nextOffsets: new Map(positions.get(topic)) };
    },
    async clear() {
      assertOpen();
      commands.clear();
      forgotten.clear();
      renew();
    },
    async renewFeed() {
      assertOpen();
      renew();
    },
    async close() {
      isClosed = true;
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
  return store;
}

function fits(lifecycle: Lifecycle, filter: CommandFilter): boolean {
  const { deviceId, requestId, states, protocol, commandType, since, until } = filter;
  return (
    (deviceId === undefined || lifecycle.deviceId === deviceId) &&
    (requestId === undefined || lifecycle.requestId === requestId) &&
    (states === undefined || states.includes(lifecycle.state)) &&
    (protocol === undefined || lifecycle.protocol === protocol) &&
    (commandType === undefined || lifecycle.commandType === commandType) &&
    (since === undefined || lifecycle.timestamp >= since) &&
    (until === undefined || lifecycle.timestamp < until)
  );
}

function compareNewestFirst(one: Lifecycle, other: Lifecycle): number {
  return (
    other.timestamp.getTime() - one.timestamp.getTime() ||
    compareUtf8(other.requestId, one.requestId) ||
    compareUtf8(other.deviceId, one.deviceId)
  );
}

function isAfter(lifecycle: Lifecycle, { stateAtMs, ...ids }: CommandPlace): boolean {
  return compareNewestFirst(lifecycle, { ...lifecycle, timestamp: new Date(stateAtMs), ...ids }) > 0;
}
