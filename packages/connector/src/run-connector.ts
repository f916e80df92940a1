import {
  type ConsumedRecord,
  createRateLimitedLog,
  type Subscription,
  silentLogger,
} from '@preservarium/backend';
import { decodeCancellation, type LifecycleEvent } from '@preservarium/core';
import type { CommandSource } from '@preservarium/dead-letters';
import { sourceId } from '@preservarium/dead-letters';
import type { ReportOutcome } from '@preservarium/deliverer';
import { createAppender } from './appender.js';
import type { Connector } from './connector.js';
import type { ConnectorOptions } from './connector-options.js';
import { decodeRecord, isForDevice } from './decode-record.js';
import { createDevices } from './devices.js';
import type { HeldCommand } from './held-command.js';
import { createInFlightWindow } from './in-flight-window.js';
import { lagOf } from './lag.js';
import { createLifecycle, type Lifecycle } from './lifecycle.js';
import type { PartitionShare } from './partition-share.js';
import { pause } from './pause.js';
import { prepareTopics } from './prepare-topics.js';
import { recordSize } from './record-size.js';
import { createRetryPolicy, defaultMaxWaitMs } from './retry-policy.js';
import { createSettingsSync } from './settings-sync.js';
import { createShares } from './shares.js';
import { readWaitingRecord } from './waiting-log.js';

/**
 * Takes the commands of one protocol from Kafka to their devices, until it is closed. The way of a command is consume →
 * decode → route → check expiry → deliver → mark as processed: the first three are here, the next two in `delivery-loop.ts`, the last in
 * `lifecycle.ts`; `devices.ts` says what follows from what became of an attempt.
 *
 * ```ts
 * const connector = await runConnector({ backend, deliverer: createMqttDeliverer({ url: 'mqtt://localhost' }) });
 * ```
 *
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, TopicUnknownError, ConfigurationError
 */
export async function runConnector(settings: ConnectorOptions): Promise<Connector> {
  const { backend, deliverer, from = 'end', topics = {}, limits = {}, retry = {} } = settings;
  const { settings: store, logger = silentLogger, clock = Date.now } = settings;
  const { startTimeoutMs = 30_000, drainTimeoutMs = 10_000 } = settings;
  const { groupId = `pusher_connector_${deliverer.protocol}` } = settings;
  const { commands: commandTopic = 'device_commands', waiting: waitingTopic = 'device_commands_waiting' } =
    topics;
  const { deadLetters: deadLetterTopic = 'device_commands_dead', events = 'device_command_events' } = topics;
  const { maxInFlight = 10_000, maxInFlightBytes = 64 * 1024 * 1024 } = limits;
  const { maxConcurrentDeliveries = 1_000, maxWaiting = 100_000, maxRememberedIds = 100_000 } = limits;
  const eventsTopic = events === false ? undefined : events;

  const inFlight = createInFlightWindow(maxInFlight);
  const closed = Promise.withResolvers<void>();
  // Whoever does not look at `closed` shall not lose the process to an unhandled rejection.
  closed.promise.catch(() => {});
  const subscribed = Promise.withResolvers<Subscription>();
  const warnings = createRateLimitedLog(logger);
  let hasFailed = false;
  let subscription: Subscription | undefined;
  let closing: Promise<void> | undefined;

  const appender = createAppender({ backend, logger, onFatal: fail });
  const lifecycle = createLifecycle(
    {
      appender,
      eventsTopic,
      waitingTopic,
      deadLetterTopic,
      groupId,
      protocol: deliverer.protocol,
      clock,
      onEvent: settings.onEvent && onEvent,
      onCannotWait(held, ending) {
        devices.cannotWait(held);
        sync?.ended(held.command, ending);
      },
    },
    leave,
  );
  const devices = createDevices({
    deliverer,
    lifecycle: { ...lifecycle, end },
    retry: createRetryPolicy(retry),
    maxConcurrentDeliveries,
    maxWaiting,
    maxRememberedIds,
    clock,
    logger,
    onRepeat: passOver,
    onDropped: leave,
  });
  const shares = createShares({
    backend,
    commandTopic,
    waitingTopic,
    groupId,
    maxInFlight,
    drainTimeoutMs,
    devices,
    appender,
    logger,
    markProcessed,
    onServing: () => sync?.begin(),
  });
  const sync =
    store &&
    createSettingsSync({
      store,
      deliverer,
      backend,
      commandTopic,
      devices,
      lifecycle,
      maxRememberedIds,
      clock,
      logger,
      isOurs: shares.serves,
    });
  const port = sync?.port ?? {
    reachable: devices.reachable,
    report: lifecycle.report,
    reported: refuseReported,
  };

  // ---- consume

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const [first] = records;
    const share = first && shares.of(first.partition);
    if (share === undefined) return;
    if (first?.topic === waitingTopic) return takeWaiting(records, share);
    await share.unlessEnding(share.caughtUp.promise);
    for (const record of records) {
      while (!share.isEnding && !inFlight.enter(weightOf(record))) {
        await share.unlessEnding(inFlight.untilRoom());
      }
      if (share.isEnding) return;
      takeCommand(record, share);
    }
  }

  // ---- decode, route

  function takeCommand(record: ConsumedRecord, share: PartitionShare): void {
    share.take(record);
    const held = decode(record, share, { source: record, attempts: 0 });
    if (held === undefined) inFlight.leave(weightOf(record));
    else if (held.command.protocol === deliverer.protocol && isForDevice(held.command)) devices.admit(held);
    else passOver(held);
  }

  function takeWaiting(records: readonly ConsumedRecord[], share: PartitionShare): void {
    for (const record of records) {
      share.take(record);
      const entry = readWaitingRecord(record);
      if (entry.type === 'unknown') {
        lifecycle.bury(record, share, record, entry.reason);
      } else if (entry.type === 'waiting' && entry.protocol === deliverer.protocol) {
        const held = decode(record, share, entry);
        if (held === undefined) continue;
        if (share.replay === undefined) devices.admit(held);
        else replay(share.replay, held);
      } else {
        if (entry.type === 'done') endReplayed(share, entry.source);
        if (entry.type === 'mark') shares.reachMark(share, entry.id);
        if (entry.type === 'cancel') cancel(record);
        share.finish(record);
      }
    }
  }

  function replay(waiting: Map<string, HeldCommand>, held: HeldCommand): void {
    const id = sourceId(held.source);
    // Written twice, when it was not known whether the first time had worked.
    if (waiting.has(id)) held.share.finish(held.record);
    else waiting.set(id, held);
  }

  function endReplayed(share: PartitionShare, source: CommandSource): void {
    const held = share.replay?.get(sourceId(source));
    if (held === undefined) return;
    share.replay?.delete(sourceId(source));
    share.finish(held.record);
  }

  function cancel(record: ConsumedRecord): void {
    const decoded = decodeCancellation(record.value);
    if (decoded.ok) devices.cancel(decoded.cancellation);
    else logger.warn({ offset: record.offset, reason: decoded.message }, 'a cancellation cannot be read');
  }

  function decode(
    record: ConsumedRecord,
    share: PartitionShare,
    { source, attempts, sinceMs }: { source: CommandSource; attempts: number; sinceMs?: number },
  ): HeldCommand | undefined {
    const decoded = decodeRecord(record, source);
    if (decoded.kind === 'poison') {
      lifecycle.bury(record, share, source, decoded.message);
      return undefined;
    }
    return {
      command: decoded.command,
      record,
      source,
      share,
      attempts,
      waitingSinceMs: sinceMs,
      mayBeRepeat: attempts > 0 || (sinceMs === undefined && record.offset < share.repeatsBelow),
      isRedriven: record.headers.redriven !== undefined,
      hasLeft: sinceMs !== undefined,
    };
  }

  function passOver(held: HeldCommand): void {
    held.share.finish(held.record);
    leave(held);
  }

  /** A heavy command takes the room of several, so that both limits hold. */
  function weightOf(record: ConsumedRecord): number {
    return Math.ceil((recordSize(record) * maxInFlight) / maxInFlightBytes) || 1;
  }

  function leave(held: HeldCommand): void {
    if (held.hasLeft) return;
    held.hasLeft = true;
    inFlight.leave(weightOf(held.record));
  }

  function onEvent(event: LifecycleEvent): void {
    try {
      settings.onEvent?.(event);
    } catch (error) {
      logger.error({ err: error }, 'onEvent threw');
    }
  }

  function end(...[held, ending]: Parameters<Lifecycle['end']>): void {
    lifecycle.end(held, ending);
    sync?.ended(held.command, ending);
  }

  async function refuseReported(deviceId: string): Promise<ReportOutcome> {
    devices.reachable(deviceId);
    const reason = 'this connector keeps no settings';
    warnings.warn('a report of settings was refused', { deviceId, reason });
    return { kind: 'refused', reason };
  }

  // ---- start and end

  function fail(error: unknown): void {
    hasFailed = true;
    logger.error({ err: error, groupId }, 'the connector cannot go on');
    closed.reject(error);
  }

  function markProcessed(position: Parameters<Subscription['markProcessed']>[0]): void {
    // Records may come before the subscription is here to mark them.
    if (subscription !== undefined) subscription.markProcessed(position);
    else void subscribed.promise.then(({ markProcessed }) => markProcessed(position));
  }

  function hasKafka(): boolean {
    return subscription?.isConnected() ?? false;
  }

  async function start(): Promise<Subscription> {
    await backend.connect({ timeoutMs: startTimeoutMs });
    const { maxWaitMs = defaultMaxWaitMs } = retry;
    const own = { waiting: waitingTopic, deadLetters: deadLetterTopic, events: eventsTopic };
    await prepareTopics(backend, { commands: commandTopic, ...own }, maxWaitMs);
    await deliverer.start(port, { timeoutMs: startTimeoutMs });
    return backend.subscribe({
      topics: [commandTopic, waitingTopic],
      groupId,
      from,
      onRecords,
      onAssigned: shares.assign,
      onRevoked: shares.revoke,
    });
  }

  async function stop(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const leftMs = () => Math.max(0, deadlineMs - performance.now());
    await pause(leftMs(), shares.revoke(shares.all()));
    await subscription?.close({ timeoutMs: leftMs() });
    await deliverer.close({ timeoutMs: leftMs() });
    await sync?.close({ timeoutMs: leftMs() });
    await pause(leftMs(), appender.flushed());
    appender.stop();
    await backend.close({ timeoutMs: leftMs() });
    closed.resolve();
  }

  const connector: Connector = {
    isReady: () => !hasFailed && closing === undefined && hasKafka() && deliverer.isReady(),
    status: () => ({
      kafka: hasKafka() ? 'connected' : 'not connected',
      partitions: shares.all().map(({ partition }) => partition),
      inFlight: inFlight.weight(),
      waiting: devices.waiting(),
      refusedRecords: appender.refused(),
    }),
    async lag() {
      const offsets = await backend.offsets({ topic: commandTopic, groupId });
      return lagOf(connector.status().partitions, offsets, from);
    },
    closed: closed.promise,
    close({ timeoutMs = 30_000 } = {}) {
      closing ??= stop(timeoutMs);
      return closing;
    },
    [Symbol.asyncDispose]: () => connector.close(),
  };

  try {
    subscription = await start();
  } catch (error) {
    await connector.close({ timeoutMs: startTimeoutMs });
    throw error;
  }
  const running = subscription;
  subscribed.resolve(running);
  running.closed.catch(fail);
  store?.closed.catch(fail);
  return connector;
}
