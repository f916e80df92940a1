import {
  type AssignedPartition,
  type ConsumedRecord,
  createRateLimitedLog,
  type ProcessedPosition,
  type Subscription,
  silentLogger,
} from '@preservarium/backend';
import { type LifecycleEvent, SubscriptionFailedError } from '@preservarium/core';
import type { DeviceReport, ReportOutcome } from '@preservarium/deliverer';
import { assertConnectorNumbers } from './assert-connector-numbers.js';
import { createChannelOf } from './channel.js';
import type { Connector } from './connector.js';
import type { ConnectorOptions } from './connector-options.js';
import { createInFlightSemaphore } from './intake/in-flight-semaphore.js';
import { createRetentionAlarm } from './intake/retention-alarm.js';
import { answerRecord } from './ledger/changelog.js';
import { followPartitions } from './ledger/follow-partitions.js';
import { lagOf } from './ledger/lag.js';
import { createLedgers } from './ledger/ledgers.js';
import { openTopics } from './ledger/open-topics.js';
import { openWaitingStore } from './ledger/open-waiting-store.js';
import { warnOfSkipped } from './ledger/skipped-commands.js';
import { describeStoreError } from './ledger/store-errors.js';
import { createAppender } from './outcome/appender.js';
import { createOutcomes } from './outcome/outcomes.js';
import { pause } from './pause.js';
import { wasSent } from './pending-command.js';
import { createPipeline } from './pipeline.js';
import { withPresence } from './presence.js';
import { createDeviceScheduler } from './scheduling/device-scheduler.js';
import { createRequiredProof } from './scheduling/required-proof.js';
import { createRetryPolicy, defaultMaxWaitMs } from './scheduling/retry-policy.js';
import { createSettingsSync } from './settings-sync/settings-sync.js';

/** Older commands are not replayed to devices; what was pushed shortly before the first connector is delivered. */
const lastHour = { lastMs: 3_600_000 };
/** How long a connector whose partition another one owns waits for the group to take it away. */
const lostMs = 60_000;

/**
 * Takes the commands of one protocol from Kafka to their devices, until it is closed. `pipeline.ts` tells the way of a command.
 *
 * ```ts
 * const connector = await runConnector({ backend, deliverer: createMqttDeliverer({ url: 'mqtt://localhost' }) });
 * ```
 *
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, TopicUnknownError, ConfigurationError
 */
export async function runConnector(options: ConnectorOptions): Promise<Connector> {
  const {
    backend,
    deliverer,
    from = lastHour,
    topics = {},
    limits = {},
    retry = {},
    settings: store,
  } = options;
  const {
    logger = silentLogger,
    clock = Date.now,
    startTimeoutMs = 30_000,
    drainTimeoutMs = 10_000,
  } = options;
  const { groupId = `pusher_connector_${deliverer.protocol}` } = options;
  const { commands: commandTopic = 'device_commands', waiting: waitingTopic = 'device_commands_waiting' } =
    topics;
  const { deadLetters: deadLetterTopic = 'device_commands_dead', events = 'device_command_events' } = topics;
  const { maxInFlight = 10_000, maxInFlightBytes = 64 * 1024 * 1024 } = limits;
  const { maxConcurrentDeliveries = 1_000, maxRememberedIds = 100_000 } = limits;
  const { maxWaiting = 100_000, maxStoreBytes = 8 * 1024 ** 3, wakeRate = 1_000 } = limits;
  const { maxWaitMs = defaultMaxWaitMs } = retry;
  const { maxDowntimeMs = 30 * 24 * 3600_000 } = options;
  const channelOf = createChannelOf(deliverer);
  const eventsTopic = events === false ? undefined : events;
  assertConnectorNumbers(options);

  const closed = Promise.withResolvers<void>();
  // Mark the rejection as handled: callers may ignore `closed`.
  closed.promise.catch(() => {});
  const subscribed = Promise.withResolvers<Subscription>();
  const warnings = createRateLimitedLog(logger);
  let failure: unknown;
  let lostRecords = 0;
  let turnedAway = 0;
  let subscription: Subscription | undefined;
  let closing: Promise<void> | undefined;

  const waitingStore = openWaitingStore({
    stateDir: options.stateDir,
    identity: JSON.stringify({ groupId, commandTopic, waitingTopic, maxWaitMs }),
    maxWaiting,
    maxStoreBytes,
    logger,
    onFailed: fail,
  });
  let commandRetentionMs: number | undefined;
  const alarm = createRetentionAlarm({ retentionMs: () => commandRetentionMs, clock, logger });
  const inFlight = createInFlightSemaphore({ maxInFlight, maxInFlightBytes });
  const appender = createAppender({ backend, logger, onFatal: fail });
  const outcomes = createOutcomes({
    appender,
    eventsTopic,
    deadLetterTopic,
    groupId,
    protocol: deliverer.protocol,
    clock,
    onEvent: options.onEvent && onEvent,
    onWritten: inFlight.release,
  });
  const scheduler = createDeviceScheduler({
    deliverer,
    outcomes,
    retry: createRetryPolicy(retry),
    proof: createRequiredProof(options.proof ?? {}),
    isAway: waitingStore.away.has,
    wakeRate,
    maxWaitMs,
    maxConcurrentDeliveries,
    maxAwaited: Math.min(maxConcurrentDeliveries, Math.ceil(maxInFlight / 2)),
    maxRememberedIds,
    clock,
    logger,
    untilWritable: appender.untilWritable,
    onDropped: inFlight.release,
    onFailed: fail,
  });
  outcomes.onConcluded((pending, { evidence }) => {
    // A command that ended because a gateway has it is to stay there.
    if (evidence !== 'gateway' && wasSent(pending)) void deliverer.withdraw?.(pending.command);
  });
  const pipeline = createPipeline({
    deliverer,
    channelOf,
    waitingTopic,
    isFull: waitingStore.isFull,
    inFlight,
    alarm,
    maxInFlight,
    scheduler,
    outcomes,
  });
  const ledgers = createLedgers({
    backend,
    groupId,
    commandTopic,
    waitingTopic,
    store: waitingStore,
    maxWaitMs,
    channelOf,
    drainTimeoutMs,
    logger,
    clock,
    append: appender.append,
    flushed: appender.flushed,
    markProcessed,
    drain: scheduler.drain,
    deferAttempted: scheduler.deferAttempted,
    drop: scheduler.drop,
    onOwned: scheduler.open,
    onDeferred: scheduler.takeDeferred,
    onCancelled: scheduler.cancel,
    onAnswered: (said) => scheduler.answered(said, true) !== undefined,
    isPending: scheduler.has,
    onUnknown: (ledger, record, reason) => outcomes.deadLetter(record, ledger, reason),
    onLost: (ledger) => {
      scheduler.drop(ledger);
      void failUnlessRevoked(ledger.partition);
    },
    onReread: () => void subscribed.promise.then(({ rejoin }) => rejoin()),
    onFatal: fail,
  });
  const sync =
    store &&
    createSettingsSync({
      store,
      deliverer,
      backend,
      commandTopic,
      scheduler,
      outcomes: { report, onConcluded: outcomes.onConcluded },
      ledgers,
      maxRememberedIds,
      clock,
      logger,
    });
  const listening = withPresence(sync?.port ?? { reachable: scheduler.reachable, report, reported }, {
    mode: options.presence ?? 'observe',
    away: waitingStore.away,
    logger,
  });
  const port = { ...listening, turnsAway };

  function turnsAway(deviceId: string): boolean {
    const isElsewhere = ledgers.isElsewhere(deviceId);
    if (isElsewhere) turnedAway++;
    return isElsewhere;
  }

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const ledger = records[0] && ledgers.of(records[0].partition);
    if (ledger !== undefined) await pipeline.consume(ledger, records);
  }

  const enlargeIfNeeded = followPartitions({
    admin: backend,
    topics: { commands: commandTopic, waiting: waitingTopic },
    groupId,
    logger,
    isClosing: () => closing !== undefined,
  });

  function assign(partitions: readonly AssignedPartition[]): void {
    const ofCommands = partitions.filter(({ topic }) => topic === commandTopic);
    warnOfSkipped(logger, ofCommands, { groupId, from });
    lostRecords += partitions.reduce((sum, partition) => sum + partition.lostRecords, 0);
    enlargeIfNeeded(partitions);
    ledgers.assign(partitions);
  }

  function markProcessed(position: ProcessedPosition): void {
    // Records may come before the subscription is here.
    if (subscription !== undefined) subscription.markProcessed(position);
    else void subscribed.promise.then((running) => running.markProcessed(position));
  }

  function onEvent(event: LifecycleEvent): void {
    try {
      options.onEvent?.(event);
    } catch (error) {
      logger.error({ err: error }, 'onEvent threw');
    }
  }

  async function report(said: DeviceReport): Promise<void> {
    const ended = scheduler.answered(said);
    await (ended ?? outcomes.report(said));
    // The owner of the command learns of the answer when its event is in Kafka.
    if (ended === undefined && !ledgers.serves(said.deviceId)) {
      await appender.append(answerRecord(waitingTopic, said, new Date(clock())));
    }
  }

  async function reported(deviceId: string): Promise<ReportOutcome> {
    scheduler.reachable(deviceId);
    const reason = 'this connector keeps no settings';
    warnings.warn('a report of settings was refused', { deviceId, reason });
    return { kind: 'refused', reason };
  }

  // ---- start and end

  function fail(error: unknown): void {
    failure ??= error;
    const told = describeStoreError(error, options.stateDir);
    logger.error({ err: told, groupId }, 'the connector cannot go on');
    closed.reject(told);
  }

  async function failUnlessRevoked(partition: number): Promise<void> {
    const lost = ledgers.of(partition);
    await pause(lostMs, closing);
    if (closing !== undefined || lost === undefined || ledgers.of(partition) !== lost) return;
    fail(
      new SubscriptionFailedError(
        `another connector owns partition ${partition} of "${commandTopic}", and group ${groupId} does not take it away: start this connector again`,
      ),
    );
  }

  function isStoreFull(): boolean {
    return closing === undefined && failure === undefined && waitingStore.isFull(scheduler.waiting());
  }

  function hasKafka(): boolean {
    return subscription?.isConnected() ?? false;
  }

  async function start(): Promise<Subscription> {
    await backend.connect({ timeoutMs: startTimeoutMs });
    const { topicConfig } = backend;
    const opened = await openTopics(backend, options.topicConfigs ?? (topicConfig && { topicConfig }), {
      topics: {
        commands: commandTopic,
        waiting: waitingTopic,
        deadLetters: deadLetterTopic,
        events: eventsTopic,
      },
      groupId,
      waitingRetentionMs: maxWaitMs + maxDowntimeMs,
      from,
      logger,
    });
    commandRetentionMs = opened.commandRetentionMs;
    await deliverer.start(port, { timeoutMs: startTimeoutMs });
    return backend.subscribe({
      topics: [commandTopic, waitingTopic],
      groupId,
      from: opened.from,
      onRecords,
      // The changelog has all commands that wait, however old they are.
      fromByTopic: { [waitingTopic]: 'beginning' },
      resumeFrom: ledgers.resumeFrom,
      onAssigned: assign,
      onRevoked: ledgers.revoke,
    });
  }

  async function stop(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const leftMs = () => Math.max(0, deadlineMs - performance.now());
    await pause(leftMs(), ledgers.revoke(ledgers.all()));
    await subscription?.close({ timeoutMs: leftMs() });
    await deliverer.close({ timeoutMs: leftMs() });
    await sync?.close({ timeoutMs: leftMs() });
    await pause(leftMs(), appender.flushed());
    appender.stop();
    await backend.close({ timeoutMs: leftMs() });
    waitingStore.close(failure);
    closed.resolve();
  }

  const connector: Connector = {
    isReady: () =>
      failure === undefined && closing === undefined && hasKafka() && deliverer.isReady() && !isStoreFull(),
    status: () => ({
      kafka: hasKafka() ? 'connected' : 'not connected',
      partitions: ledgers.all().map(({ partition }) => partition),
      inFlight: inFlight.weight(),
      waiting: scheduler.waiting(),
      lostRecords,
      refusedRecords: appender.refused(),
      isStoreFull: isStoreFull(),
      endangeredPartitions: alarm.endangered(),
      turnedAway,
    }),
    async lag() {
      const offsets = await backend.offsets({ topic: commandTopic, groupId });
      return lagOf(connector.status().partitions, offsets);
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
