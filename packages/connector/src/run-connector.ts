import type {
  AssignedPartition,
  BlockedPartition,
  ConsumedRecord,
  ProcessedPosition,
  Subscription,
} from '@preservarium/backend';
import { type LifecycleEvent, SubscriptionFailedError } from '@preservarium/core';
import { describeStateError } from '@preservarium/state-file';
import { createChannelOf } from './channel.js';
import type { Connector } from './connector.js';
import type { ConnectorOptions } from './connector-options.js';
import { createDecodeRecord } from './intake/decode-record.js';
import { createInFlightSemaphore } from './intake/in-flight-semaphore.js';
import { createRetentionAlarm } from './intake/retention-alarm.js';
import { assertSignable, createSignatureCheck, maxDelayOf } from './intake/signature-check.js';
import { followPartitions } from './ledger/follow-partitions.js';
import { createFullDisk } from './ledger/full-disk.js';
import { lagOf } from './ledger/lag.js';
import { createLedgers } from './ledger/ledgers.js';
import { openTopics } from './ledger/open-topics.js';
import { openWaitingStore } from './ledger/open-waiting-store.js';
import { warnOfSkipped } from './ledger/skipped-commands.js';
import { createAppenders } from './outcome/appenders.js';
import { createOutcomes } from './outcome/outcomes.js';
import { createReports } from './outcome/reports.js';
import { pause } from './pause.js';
import { wasSent } from './pending-command.js';
import { createPipeline } from './pipeline.js';
import { withPresence } from './presence.js';
import { resolveOptions } from './resolve-options.js';
import { createDeviceScheduler } from './scheduling/device-scheduler.js';
import { createRequiredProof } from './scheduling/required-proof.js';
import { createRetryPolicy } from './scheduling/retry-policy.js';
import { createSettingsSync } from './settings-sync/settings-sync.js';

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
  const { backend, deliverer, settings: store } = options;
  const { groupId, from, topics, limits, maxWaitMs, maxDowntimeMs, logger, clock, ...timeouts } =
    resolveOptions(options);
  const { startTimeoutMs, drainTimeoutMs } = timeouts;
  const { maxInFlight, maxConcurrentDeliveries, maxRememberedIds } = limits;
  const { commands: commandTopic, waiting: waitingTopic } = topics;
  const channelOf = createChannelOf(deliverer);
  const decode = createDecodeRecord(deliverer.protocol, options.format);
  assertSignable(options);

  const closed = Promise.withResolvers<void>();
  const whenClosing = Promise.withResolvers<void>();
  // Mark the rejection as handled: callers may ignore `closed`.
  closed.promise.catch(() => {});
  const subscribed = Promise.withResolvers<Subscription>();
  let failure: unknown;
  let lostRecords = 0;
  let turnedAway = 0;
  let subscription: Subscription | undefined;
  let closing: Promise<void> | undefined;

  const waitingStore = openWaitingStore({
    stateDir: options.stateDir,
    identity: JSON.stringify({ groupId, commandTopic, waitingTopic, maxWaitMs }),
    maxWaiting: limits.maxWaiting,
    maxStoreBytes: limits.maxStoreBytes,
    logger,
    onFailed: fail,
    onDiskFull: (error) => fullDisk.onFull(error),
  });
  const signatures = createSignatureCheck({
    signatures: options.signatures,
    seen: waitingStore.seen,
    maxWaitMs,
    logger,
  });
  let commandRetentionMs: number | undefined;
  const alarm = createRetentionAlarm({ retentionMs: () => commandRetentionMs, clock, logger });
  const inFlight = createInFlightSemaphore(limits);
  const appenders = createAppenders({ backend, logger, onFatal: fail });
  const outcomes = createOutcomes({
    encodeEnd: options.format?.encodeEnd,
    eventsTopic: topics.events,
    deadLetterTopic: topics.deadLetters,
    groupId,
    protocol: deliverer.protocol,
    clock,
    onEvent: options.onEvent && onEvent,
    onWritten: inFlight.release,
  });
  const scheduler = createDeviceScheduler({
    deliverer,
    decode,
    outcomes,
    retry: createRetryPolicy(options.retry ?? {}),
    proof: createRequiredProof(options.proof ?? {}),
    isAway: waitingStore.away.has,
    refusalOf: signatures.atReturn,
    wakeRate: limits.wakeRate,
    maxWaitMs,
    maxConcurrentDeliveries,
    maxAwaited: Math.min(maxConcurrentDeliveries, Math.ceil(maxInFlight / 2)),
    maxRememberedIds,
    isEnvelope: options.format === undefined,
    clock,
    logger,
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
    decode,
    waitingTopic,
    isFull: waitingStore.isFull,
    inFlight,
    alarm,
    maxInFlight,
    signatures,
    partitionOf: (deviceId) => ledgers.partitionOf(deviceId),
    scheduler,
    outcomes,
  });
  const ledgers = createLedgers({
    backend,
    groupId,
    protocol: deliverer.protocol,
    commandTopic,
    waitingTopic,
    store: waitingStore,
    maxWaitMs,
    signatures: options.signatures && { ...waitingStore.seen, windowMs: maxDelayOf(options.signatures) },
    channelOf,
    decode,
    drainTimeoutMs,
    logger,
    clock,
    appenders,
    markProcessed,
    drain: scheduler.drain,
    deferAttempted: scheduler.deferAttempted,
    drop: scheduler.drop,
    hasFailed: () => failure !== undefined,
    onOwned: scheduler.open,
    onDeferred: scheduler.takeDeferred,
    onCancelled: scheduler.cancel,
    onAnswered: (said) => scheduler.answered(said, true) !== undefined,
    isPending: scheduler.has,
    refusalOfCancellation: signatures.cancellation,
    onUnknown: (ledger, record, message) =>
      outcomes.deadLetter(record, ledger, { reason: 'poison', message }),
    onLost: (ledger) => {
      scheduler.drop(ledger);
      void failUnlessRevoked(ledger.partition);
    },
    onReread: rejoin,
    onFatal: fail,
  });
  const fullDisk = createFullDisk({
    store: waitingStore,
    stateDir: options.stateDir,
    ledgers,
    logger,
    closing: whenClosing.promise,
    drop: scheduler.drop,
    rejoin,
    onFailed: fail,
  });
  const { report, reported } = createReports({
    scheduler,
    outcomes,
    ledgers,
    appenders,
    waitingTopic,
    clock,
    logger,
  });
  const sync =
    store &&
    createSettingsSync({
      store,
      deliverer,
      backend,
      commandTopic,
      signatures: options.signatures,
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
    await fullDisk.untilRoom();
  }

  function rejoin(): void {
    void subscribed.promise.then((running) => running.rejoin());
  }

  const enlargeIfNeeded = followPartitions({
    admin: backend,
    topics: { commands: commandTopic, waiting: waitingTopic },
    groupId,
    logger,
    isClosing: () => closing !== undefined,
  });

  function assign(partitions: readonly AssignedPartition[]): void {
    // A claim in a partition that nobody makes any more would hold up the handovers of the others.
    if (closing !== undefined) return;
    const ofCommands = partitions.filter(({ topic }) => topic === commandTopic);
    warnOfSkipped(logger, ofCommands, { groupId, from });
    lostRecords += partitions.reduce((sum, partition) => sum + partition.lostRecords, 0);
    enlargeIfNeeded(partitions);
    // They are assigned anew when there is room.
    if (!fullDisk.isFull()) ledgers.assign(partitions);
  }

  function markProcessed(position: ProcessedPosition): void {
    const { topic, partition, nextOffset } = position;
    if (topic === commandTopic) waitingStore.seen.processed(partition, nextOffset);
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

  // ---- start and end

  function fail(error: unknown): void {
    failure ??= error;
    const told = describeStateError(error, options.stateDir);
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

  function blocked(): readonly BlockedPartition[] {
    return subscription?.blocked() ?? [];
  }

  async function start(): Promise<Subscription> {
    await backend.connect({ timeoutMs: startTimeoutMs });
    const { topicConfig } = backend;
    const opened = await openTopics(backend, options.topicConfigs ?? (topicConfig && { topicConfig }), {
      topics,
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
      ...(options.instanceId !== undefined && { instanceId: options.instanceId }),
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
    await pause(leftMs(), appenders.flushed());
    appenders.stop();
    await backend.close({ timeoutMs: leftMs() });
    waitingStore.close(failure);
    closed.resolve();
  }

  const connector: Connector = {
    isReady: () =>
      failure === undefined &&
      closing === undefined &&
      hasKafka() &&
      blocked().length === 0 &&
      deliverer.isReady() &&
      !isStoreFull(),
    status: () => ({
      kafka: hasKafka() ? 'connected' : 'not connected',
      partitions: ledgers.all().map(({ partition }) => partition),
      inFlight: inFlight.weight(),
      waiting: scheduler.waiting(),
      lostRecords,
      refusedRecords: appenders.refused(),
      isStoreFull: isStoreFull(),
      endangeredPartitions: alarm.endangered(),
      blockedPartitions: blocked(),
      turnedAway,
      signatures: signatures.counts(),
      settingsSignatures: store?.status?.().signatures,
    }),
    async lag() {
      const offsets = await backend.offsets({ topic: commandTopic, groupId });
      return lagOf(connector.status().partitions, offsets);
    },
    closed: closed.promise,
    close({ timeoutMs = 30_000 } = {}) {
      whenClosing.resolve();
      closing ??= stop(timeoutMs);
      return closing;
    },
    [Symbol.asyncDispose]: () => connector.close(),
  };

  try {
    subscription = await start();
  } catch (error) {
    failure ??= error;
    await connector.close({ timeoutMs: startTimeoutMs });
    throw describeStateError(error, options.stateDir);
  }
  const running = subscription;
  subscribed.resolve(running);
  running.closed.catch(fail);
  store?.closed.catch(fail);
  return connector;
}
