import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ConnectorOptions } from '@preservarium/connector';
import type { Variables } from '@preservarium/environment';
import type { ProcessOptions } from './read-options.js';

/** Returns the options of `runConnector`: the parts, with the values of the variables. */
export function toConnectorOptions(
  { kafka, format, connector }: ProcessOptions<Variables>,
  parts: Pick<ConnectorOptions, 'backend' | 'deliverer' | 'logger' | 'topicConfigs' | 'signatures'>,
): ConnectorOptions {
  const { CONNECTOR_GROUP_ID: groupId = `pusher_connector_${parts.deliverer.protocol}` } = connector;
  const { CONNECTOR_STATE_DIR: stateDir, CONNECTOR_INSTANCE_ID: instanceId } = connector;
  return {
    ...parts,
    groupId,
    format,
    ...(instanceId !== undefined && { instanceId }),
    ...(stateDir !== undefined && { stateDir: join(stateDir, directoryNameOf(groupId), hostname()) }),
    from: connector.CONNECTOR_FROM,
    topics: {
      commands: kafka.commandTopic,
      waiting: kafka.waitingTopic,
      deadLetters: kafka.deadLetterTopic,
      events: kafka.eventTopic,
    },
    retry: {
      maxAttempts: connector.CONNECTOR_MAX_ATTEMPTS,
      maxWaitMs: connector.CONNECTOR_MAX_WAIT_SECONDS * 1_000,
    },
    maxDowntimeMs: connector.CONNECTOR_MAX_DOWNTIME,
    proof: {
      answerWithinMs: connector.CONNECTOR_ANSWER_WITHIN_MS,
      ...(connector.CONNECTOR_EVIDENCE !== undefined && { evidence: connector.CONNECTOR_EVIDENCE }),
    },
    presence: connector.CONNECTOR_PRESENCE,
    limits: {
      wakeRate: connector.CONNECTOR_WAKE_RATE,
      maxConcurrentDeliveries: connector.CONNECTOR_MAX_CONCURRENT_DELIVERIES,
      maxStoreBytes: connector.CONNECTOR_MAX_STORE_BYTES,
    },
    startTimeoutMs: connector.CONNECTOR_START_TIMEOUT_MS,
  };
}

/** A group id may have any characters, a part of a path may not. */
function directoryNameOf(groupId: string): string {
  return encodeURIComponent(groupId).replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
}
