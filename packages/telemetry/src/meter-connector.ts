import type { BatchObservableResult } from '@opentelemetry/api';
import { silentLogger } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import type { Connector, ConnectorOptions, PartitionLag } from '@preservarium/connector';
import { messaging, pusher } from './attributes.js';
import { getMeter } from './instrumentation.js';

/** The collection of metrics waits for the answer. */
const lagTimeoutMs = 5_000;

/**
 * Measures, whenever metrics are collected: whether the connector is ready, what it has in flight, what waits, which records Kafka refused, which partitions cannot be read,
 * its partitions, and how far it is behind on each.
 *
 * @param connector asked each time; undefined where it has not started yet, so that it is not ready
 * @param settings those of the connector
 * @returns ends the measuring
 */
export function meterConnector(
  connector: () => Connector | undefined,
  { deliverer, logger = silentLogger }: Pick<ConnectorOptions, 'deliverer' | 'logger'>,
): () => void {
  const ofProtocol = { [pusher.protocol]: deliverer.protocol };
  const meter = getMeter();
  const ready = meter.createObservableGauge('pusher.connector.ready', {
    description: '1 where the connector can deliver now, else 0.',
  });
  const partitions = meter.createObservableUpDownCounter('pusher.connector.partitions', {
    description: 'Partitions of the command topic that the connector has.',
    unit: '{partition}',
  });
  const inFlight = meter.createObservableUpDownCounter('pusher.commands.in_flight', {
    description: 'Commands that were taken from the command topic and are not settled.',
    unit: '{command}',
  });
  const waiting = meter.createObservableUpDownCounter('pusher.commands.waiting', {
    description: 'Commands that wait for their devices.',
    unit: '{command}',
  });
  const refused = meter.createObservableCounter('pusher.records.refused', {
    description: 'Records that Kafka refused; a smaller one, or none, was written in their place.',
    unit: '{record}',
  });
  const lost = meter.createObservableCounter('pusher.records.lost', {
    description: 'Records that Kafka removed before the connector read them.',
    unit: '{record}',
  });
  const endangered = meter.createObservableGauge('pusher.connector.partitions.endangered', {
    description:
      'Paused partitions whose oldest unread command has passed half of the retention of its topic.',
    unit: '{partition}',
  });
  const blocked = meter.createObservableGauge('pusher.connector.partitions.blocked', {
    description: 'Partitions whose next records the Kafka client cannot decompress.',
    unit: '{partition}',
  });
  const turnedAway = meter.createObservableCounter('pusher.requests.turned_away', {
    description: 'Requests of devices for commands whose partition is that of another connector.',
    unit: '{request}',
  });
  const signatures = meter.createObservableCounter('pusher.signatures.checked', {
    description: 'Signatures of commands and cancellations that the connector checked, by their outcome.',
    unit: '{signature}',
  });
  const settingsSignatures = meter.createObservableCounter('pusher.settings.signatures.checked', {
    description: 'Signatures of desired settings that the connector checked, by their outcome.',
    unit: '{signature}',
  });
  const lag = meter.createObservableGauge('pusher.consumer.lag', {
    description: 'Records of the command topic that the connector has not committed.',
    unit: '{message}',
  });
  let reading: Promise<readonly PartitionLag[]> | undefined;

  function observeState(result: BatchObservableResult): void {
    const running = connector();
    result.observe(ready, running?.isReady() ? 1 : 0, ofProtocol);
    const status = running?.status();
    result.observe(partitions, status?.partitions.length ?? 0, ofProtocol);
    result.observe(inFlight, status?.inFlight ?? 0, ofProtocol);
    result.observe(lost, status?.lostRecords ?? 0, ofProtocol);
    result.observe(waiting, status?.waiting ?? 0, ofProtocol);
    result.observe(endangered, status?.endangeredPartitions.length ?? 0, ofProtocol);
    result.observe(blocked, status?.blockedPartitions.length ?? 0, ofProtocol);
    result.observe(refused, status?.refusedRecords ?? 0, ofProtocol);
    result.observe(turnedAway, status?.turnedAway ?? 0, ofProtocol);
    for (const [outcome, count] of Object.entries(status?.settingsSignatures ?? {})) {
      result.observe(settingsSignatures, count, { ...ofProtocol, [pusher.outcome]: outcome });
    }
    for (const [outcome, count] of Object.entries(status?.signatures ?? {})) {
      result.observe(signatures, count, { ...ofProtocol, [pusher.outcome]: outcome });
    }
  }

  async function observeLag(result: BatchObservableResult): Promise<void> {
    const running = connector();
    if (running === undefined) return;
    // Kafka is asked one question at a time, however often somebody collects.
    reading ??= running.lag().finally(() => {
      reading = undefined;
    });
    try {
      const doing = 'read the lag of the connector';
      for (const { partition, records } of await withDeadline(reading, { doing, timeoutMs: lagTimeoutMs })) {
        result.observe(lag, records, { ...ofProtocol, [messaging.partition]: String(partition) });
      }
    } catch (error) {
      logger.warn({ err: error }, 'how far the connector is behind is not known now');
    }
  }

  const state = [
    ready,
    partitions,
    inFlight,
    waiting,
    refused,
    lost,
    endangered,
    blocked,
    turnedAway,
    signatures,
    settingsSignatures,
  ];
  meter.addBatchObservableCallback(observeState, state);
  meter.addBatchObservableCallback(observeLag, [lag]);
  return () => {
    meter.removeBatchObservableCallback(observeState, state);
    meter.removeBatchObservableCallback(observeLag, [lag]);
  };
}
