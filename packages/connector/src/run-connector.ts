import type { AssignedPartition, ConsumedRecord, Subscription } from '@preservarium/backend';
import { connectParts } from './connect-parts.js';
import type { Connector } from './connector.js';
import { createConnectorEnd } from './connector-end.js';
import type { ConnectorOptions } from './connector-options.js';
import { createLateSubscription } from './intake/late-subscription.js';
import { assertSignable } from './intake/signature-check.js';
import { followPartitions } from './ledger/follow-partitions.js';
import { lagOf } from './ledger/lag.js';
import { openTopics } from './ledger/open-topics.js';
import { warnOfSkipped } from './ledger/skipped-commands.js';
import { pause } from './pause.js';
import { resolveOptions } from './resolve-options.js';

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
  const resolved = resolveOptions(options);
  const { groupId, from, topics, maxWaitMs, maxDowntimeMs, startTimeoutMs, logger } = resolved;
  const { commands: commandTopic, waiting: waitingTopic } = topics;
  assertSignable(options);

  const end = createConnectorEnd({ stateDir: options.stateDir, groupId, logger });
  const subscription = createLateSubscription();
  const { pipeline, scheduler, ledgers, appenders, waitingStore, fullDisk, ...parts } = connectParts({
    options,
    resolved,
    end,
    subscription,
  });
  let lostRecords = 0;

  // ---- records and partitions

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const ledger = records[0] && ledgers.of(records[0].partition);
    if (ledger !== undefined) await pipeline.consume(ledger, records);
    await fullDisk.untilRoom();
  }

  const enlargeIfNeeded = followPartitions({
    admin: backend,
    topics: { commands: commandTopic, waiting: waitingTopic },
    groupId,
    logger,
    isClosing: end.isClosing,
  });

  function onAssigned(partitions: readonly AssignedPartition[]): void {
    // A claim in a partition that nobody makes any more would hold up the handovers of the others.
    if (end.isClosing()) return;
    const ofCommands = partitions.filter(({ topic }) => topic === commandTopic);
    warnOfSkipped(logger, ofCommands, { groupId, from });
    lostRecords += partitions.reduce((sum, partition) => sum + partition.lostRecords, 0);
    enlargeIfNeeded(partitions);
    // They are assigned anew when there is room.
    if (!fullDisk.isFull()) ledgers.assign(partitions);
  }

  // ---- start and end

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
    parts.alarm.setRetention(opened.commandRetentionMs);
    await deliverer.start(parts.port, { timeoutMs: startTimeoutMs });
    return backend.subscribe({
      topics: [commandTopic, waitingTopic],
      groupId,
      ...(options.instanceId !== undefined && { instanceId: options.instanceId }),
      from: opened.from,
      onRecords,
      // The changelog has all commands that wait, however old they are.
      fromByTopic: { [waitingTopic]: 'beginning' },
      resumeFrom: ledgers.resumeFrom,
      onAssigned,
      onRevoked: ledgers.revoke,
    });
  }

  async function stop(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    const leftMs = () => Math.max(0, deadlineMs - performance.now());
    await pause(leftMs(), ledgers.revoke(ledgers.all()));
    await subscription.close({ timeoutMs: leftMs() });
    await deliverer.close({ timeoutMs: leftMs() });
    await parts.sync?.close({ timeoutMs: leftMs() });
    await pause(leftMs(), appenders.flushed());
    appenders.stop();
    await backend.close({ timeoutMs: leftMs() });
    waitingStore.close(end.failure());
  }

  function isRunning(): boolean {
    return !end.isClosing() && !end.hasFailed();
  }

  function isStoreFull(): boolean {
    return isRunning() && waitingStore.isFull(scheduler.waiting());
  }

  const connector: Connector = {
    isReady: () =>
      isRunning() &&
      subscription.isConnected() &&
      subscription.blocked().length === 0 &&
      deliverer.isReady() &&
      !isStoreFull(),
    status: () => ({
      kafka: subscription.isConnected() ? 'connected' : 'not connected',
      partitions: ledgers.all().map(({ partition }) => partition),
      inFlight: parts.inFlight.weight(),
      waiting: scheduler.waiting(),
      lostRecords,
      refusedRecords: appenders.refused(),
      isStoreFull: isStoreFull(),
      endangeredPartitions: parts.alarm.endangered(),
      blockedPartitions: subscription.blocked(),
      turnedAway: parts.turnedAway.count(),
      signatures: parts.signatures.counts(),
      settingsSignatures: store?.status?.().signatures,
    }),
    async lag() {
      const offsets = await backend.offsets({ topic: commandTopic, groupId });
      return lagOf(connector.status().partitions, offsets);
    },
    closed: end.closed,
    close: ({ timeoutMs = 30_000 } = {}) => end.close(() => stop(timeoutMs)),
    [Symbol.asyncDispose]: () => connector.close(),
  };

  try {
    const running = await start();
    subscription.begin(running);
    running.closed.catch(end.fail);
    store?.closed.catch(end.fail);
    return connector;
  } catch (error) {
    const noted = end.note(error);
    await connector.close({ timeoutMs: startTimeoutMs });
    throw noted;
  }
}
