import type { ProcessedPosition } from '@preservarium/backend';
import { createChannelOf } from './channel.js';
import type { ConnectorEnd } from './connector-end.js';
import type { ConnectorOptions } from './connector-options.js';
import { createDecodeRecord } from './intake/decode-record.js';
import { createInFlightSemaphore } from './intake/in-flight-semaphore.js';
import type { LateSubscription } from './intake/late-subscription.js';
import { createRetentionAlarm } from './intake/retention-alarm.js';
import { createSignatureCheck, maxDelayOf } from './intake/signature-check.js';
import { createFullDisk } from './ledger/full-disk.js';
import { createLedgers } from './ledger/ledgers.js';
import { failUnlessRevoked } from './ledger/lost-partition.js';
import { openWaitingStore } from './ledger/open-waiting-store.js';
import { createAppenders } from './outcome/appenders.js';
import { createLifecycleEvents } from './outcome/lifecycle-events.js';
import { createOutcomes } from './outcome/outcomes.js';
import { createReports } from './outcome/reports.js';
import { wasSent } from './pending-command.js';
import { createPipeline } from './pipeline.js';
import { withPresence } from './presence.js';
import type { ResolvedOptions } from './resolve-options.js';
import { createDeviceScheduler } from './scheduling/device-scheduler.js';
import { createRequiredProof } from './scheduling/required-proof.js';
import { createRetryPolicy } from './scheduling/retry-policy.js';
import { createSettingsSync } from './settings-sync/settings-sync.js';
import { createTurnedAway } from './turned-away.js';

export interface PartsOptions {
  readonly options: ConnectorOptions;
  /** The same, with their defaults. */
  readonly resolved: ResolvedOptions;
  readonly end: ConnectorEnd;
  readonly subscription: LateSubscription;
}

/**
 * Makes the parts of a connector and connects them: each stage of `pipeline.ts` is given the calls that it makes into the others. Starts nothing.
 *
 * @throws ConfigurationError where the state directory cannot be used
 */
export function connectParts({ options, resolved, end, subscription }: PartsOptions) {
  const { backend, deliverer, settings: store } = options;
  const { groupId, topics, limits, maxWaitMs, drainTimeoutMs, logger, clock } = resolved;
  const { maxInFlight, maxConcurrentDeliveries, maxRememberedIds } = limits;
  const { commands: commandTopic, waiting: waitingTopic } = topics;
  const { fail } = end;
  const { rejoin } = subscription;
  const channelOf = createChannelOf(deliverer);
  const decode = createDecodeRecord(deliverer.protocol, options.format);

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
  const alarm = createRetentionAlarm({ clock, logger });
  const inFlight = createInFlightSemaphore(limits);
  const appenders = createAppenders({ backend, logger, onFatal: fail });
  const { onEvent } = options;
  const events = createLifecycleEvents({ topic: topics.events, onEvent, clock, logger });
  const outcomes = createOutcomes({
    events,
    encodeEnd: options.format?.encodeEnd,
    deadLetterTopic: topics.deadLetters,
    groupId,
    clock,
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
    hasFailed: end.hasFailed,
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
      void failUnlessRevoked(ledger, { ledgers, commandTopic, groupId, end });
    },
    onReread: rejoin,
    onFatal: fail,
  });
  const fullDisk = createFullDisk({
    store: waitingStore,
    stateDir: options.stateDir,
    ledgers,
    logger,
    closing: end.closing,
    drop: scheduler.drop,
    rejoin,
    onFailed: fail,
  });
  const { report, reported } = createReports({
    scheduler,
    events,
    ledgers,
    appenders,
    waitingTopic,
    protocol: deliverer.protocol,
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
  const turnedAway = createTurnedAway(ledgers);
  const port = { ...listening, turnsAway: turnedAway.turnsAway };

  function markProcessed(position: ProcessedPosition): void {
    const { topic, partition, nextOffset } = position;
    if (topic === commandTopic) waitingStore.seen.processed(partition, nextOffset);
    subscription.markProcessed(position);
  }

  return {
    pipeline,
    alarm,
    inFlight,
    signatures,
    scheduler,
    appenders,
    ledgers,
    waitingStore,
    fullDisk,
    sync,
    /** Receives what devices say, from the deliverer. */
    port,
    turnedAway,
  };
}
