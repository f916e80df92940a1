import { randomUUID } from 'node:crypto';
import {
  type ConsumedRecord,
  createRateLimitedLog,
  guardLogger,
  silentLogger,
  type WireFormat,
} from '@preservarium/backend';
import { startSlice, withDeadline } from '@preservarium/concurrency';
import {
  assertCounts,
  ClosedError,
  type CommandInput,
  createRequestId,
  decodeLifecycleEvent,
  type Lifecycle,
  type LifecycleEvent,
  WaitTimedOutError,
} from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import { assertAwaitable } from './assert-awaitable.js';
import { createLifecycleMemory } from './lifecycle-memory.js';
import { merge } from './merge.js';
import { isProven } from './proof.js';
import { requireResult } from './require-result.js';
import type { PushAndWaitOptions, Tracker, TrackerOptions } from './tracker.js';
import { createWaits } from './waits.js';
import { createWatchers } from './watchers.js';

const lifecycleEvents: Pick<WireFormat, 'decodeEnd'> = {
  decodeEnd({ value }) {
    const decoded = decodeLifecycleEvent(value);
    return decoded.ok ? { ok: true, events: [decoded.event] } : decoded;
  },
};

/**
 * Starts to follow commands. Resolves when it has subscribed: it misses no event that is written later.
 *
 * ```ts
 * const tracker = await createTracker({ backend });
 * const { result } = await tracker.pushAndWait(service, command, { until: 'succeeded' });
 * ```
 *
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, TopicUnknownError, ConfigurationError, ClosedError
 */
export async function createTracker(settings: TrackerOptions): Promise<Tracker> {
  const { backend, eventsTopic = 'device_command_events', clock = Date.now, limits = {} } = settings;
  const { format = lifecycleEvents } = settings;
  const { groupId = `pusher_tracker_${randomUUID()}`, capabilities } = settings;
  const { maxFinished = 10_000, maxUnfinished = 100_000, maxUnread = 10_000 } = limits;
  assertCounts({
    'limits.maxFinished': maxFinished,
    'limits.maxUnfinished': maxUnfinished,
    'limits.maxUnread': maxUnread,
  });
  const logger = guardLogger(settings.logger ?? silentLogger);
  const warnings = createRateLimitedLog(logger);
  const lifecycles = createLifecycleMemory({ maxFinished, maxUnfinished });
  const waits = createWaits();
  const watchers = createWatchers({ maxUnread });
  let ended: { readonly error: unknown } | undefined;
  let closing: Promise<void> | undefined;

  // ---- events

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const slice = startSlice();
    for (const record of records) {
      if (slice.isOver()) await slice.next();
      const decoded = format.decodeEnd(record);
      const { partition, offset } = record;
      if (decoded.ok) decoded.events.forEach(take);
      else warnings.warn('a lifecycle event cannot be read', { partition, offset, reason: decoded.message });
    }
    const { topic, partition, offset } = records.at(-1) as ConsumedRecord;
    (await subscribing).markProcessed({ topic, partition, nextOffset: offset + 1 });
  }

  function take(event: LifecycleEvent): void {
    const before = waits.find(event)?.lifecycle ?? lifecycles.get(event);
    const lifecycle = merge(before, event);
    lifecycles.set(lifecycle);
    if (isProven(lifecycle)) waits.notify(lifecycle);
    watchers.notify({ event, lifecycle }, lifecycle !== before);
  }

  // ---- waits

  async function pushAndWait(
    service: Pick<PusherService, 'pushCommand'>,
    input: CommandInput,
    { until, signal, ...options }: PushAndWaitOptions,
  ): Promise<Lifecycle> {
    assertRunning();
    const command = { ...input, requestId: input.requestId ?? createRequestId() };
    const { requestId, deviceId, commandType, issuedBy } = command;
    const ofType = capabilities?.find(deviceId, commandType);
    assertAwaitable(input, until, ofType?.evidence);
    const { timeoutMs = ofType?.timeoutMs ?? 30_000 } = options;
    const wait = waits.add({ requestId, deviceId, until });
    const known = lifecycles.get(command);
    if (known !== undefined && isProven(known)) waits.notify(known);

    async function push(): Promise<Lifecycle> {
      // A device might act on a second one.
      if (wait.isSettled) return wait.settled;
      await service.pushCommand(command, { timeoutMs, ...(signal && { signal }) });
      const timestamp = new Date(clock());
      const ids = { requestId, deviceId, commandType, issuedBy };
      take({ ...ids, state: 'published', evidence: 'broker', timestamp });
      return wait.settled;
    }

    try {
      const lifecycle = await withDeadline(Promise.race([push(), wait.settled]), {
        doing: `wait until the command is ${until}`,
        timeoutMs,
        signal,
        timedOut: () => new WaitTimedOutError(until, timeoutMs, { lifecycle: wait.lifecycle }),
      });
      await requireResult(input, lifecycle, capabilities);
      return lifecycle;
    } finally {
      waits.remove(wait);
    }
  }

  // ---- end

  function assertRunning(): void {
    if (ended !== undefined) throw ended.error;
  }

  function end(error: unknown): void {
    if (ended !== undefined) return;
    ended = { error };
    waits.rejectAll(error);
    watchers.endAll(ClosedError.isInstance(error) ? undefined : error);
  }

  const subscribing = backend.subscribe({ topics: [eventsTopic], groupId, from: 'end', onRecords });
  const subscription = await subscribing;
  subscription.closed.then(
    () => end(new ClosedError('the tracker')),
    (error: unknown) => {
      logger.error({ err: error, groupId }, 'the subscription of the tracker failed');
      end(error);
    },
  );

  const tracker: Tracker = {
    // requireResult has checked the answer against the schema that the type comes from.
    pushAndWait: pushAndWait as Tracker['pushAndWait'],
    track({ deviceId, requestId }, { signal } = {}) {
      assertRunning();
      const command = { deviceId, requestId };
      return watchers.track(command, lifecycles.get(command), signal);
    },
    watch(filter = {}) {
      assertRunning();
      return watchers.watch(filter);
    },
    close({ timeoutMs = 10_000 } = {}) {
      end(new ClosedError('the tracker'));
      closing ??= subscription.close({ timeoutMs });
      return closing;
    },
    [Symbol.asyncDispose]: () => tracker.close(),
  };
  return tracker;
}
