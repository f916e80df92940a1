import type { CommandStore } from '@preservarium/command-store';
import { createMemoryCommandStore } from '@preservarium/command-store/memory';

type Breaker = () => CommandStore;

/** Takes only the last event of each command in a batch. */
export const takesLastEvent: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    save: (events, position) =>
      store.save([...new Map(events.map((event) => [event.requestId, event])).values()], position),
  };
};

/** Lets whatever comes last count, as a plain table with a column for the state does. */
export const countsByArrival: Breaker = () => {
  const store = createMemoryCommandStore();
  let arrivals = 0;
  return {
    ...store,
    save: (events, position) =>
      store.save(
        events.map((event) => ({ ...event, timestamp: new Date(event.timestamp.getTime() + arrivals++) })),
        position,
      ),
  };
};

/** Takes the word of every owner of a partition, however old its claim is. */
export const trustsAnyOwner: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    save: (events, position) =>
      store.save(
        events.map(({ claimEpoch: _, ...event }) => event),
        position,
      ),
  };
};

/** Takes the word of any device for a command. */
export const trustsAnyDevice: Breaker = () => {
  const store = createMemoryCommandStore();
  const devices = new Map<string, string>();
  return {
    ...store,
    save(events, position) {
      for (const { requestId, deviceId } of events) {
        if (!devices.has(requestId)) devices.set(requestId, deviceId);
      }
      const trusted = events.map((event) => ({
        ...event,
        deviceId: devices.get(event.requestId) ?? event.deviceId,
      }));
      return store.save(trusted, position);
    },
  };
};

/** Begins a new command with a late event of one that it has forgotten. */
export const resurrects: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    async prune(limits) {
      const count = await store.prune(limits);
      const { lifecycles } = await store.list({ limit: 1_000 });
      await store.clear();
      await store.save(lifecycles.flatMap(({ events }) => events));
      return count;
    },
  };
};

/** Also deletes unfinished commands. */
export const prunesTheWaiting: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    async prune(limits) {
      const { finishedBefore } = limits;
      const young = finishedBefore && (await store.countByState({ since: finishedBefore }));
      if (young === undefined) return store.prune(limits);
      return store.prune({ maxCommands: Object.values(young).reduce((sum, count) => sum + count, 0) });
    },
  };
};

/** Goes on after the last time of a page, rather than after its last command. */
export const skipsTies: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    async list({ cursor, ...query }) {
      const until = cursor === undefined ? query.until : new Date(Number(cursor));
      const page = await store.list({ ...query, until });
      const last = page.lifecycles.at(-1);
      return { ...page, cursor: page.cursor && String(last?.timestamp.getTime()) };
    },
  };
};

/** Saves for whatever feed it had once. */
export const ignoresTheFeed: Breaker = () => {
  const store = createMemoryCommandStore();
  return {
    ...store,
    async save(events, positions = []) {
      const { feedId } = await store.progress('');
      return store.save(
        events,
        positions.map((position) => ({ ...position, feedId })),
      );
    },
  };
};

/** Lets a position move back. */
export const movesBack: Breaker = () => {
  const store = createMemoryCommandStore();
  const latest = new Map<number, number>();
  return {
    ...store,
    save(events, positions = []) {
      for (const { partition, nextOffset } of positions) latest.set(partition, nextOffset);
      return store.save(events, positions);
    },
    async progress(topic) {
      return { ...(await store.progress(topic)), nextOffsets: latest };
    },
  };
};

/** Says that it is closed, and goes on. */
export const staysOpen: Breaker = () => ({ ...createMemoryCommandStore(), close: async () => {} });
