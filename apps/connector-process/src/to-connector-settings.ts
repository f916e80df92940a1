import type { ConnectorSettings } from '@preservarium/connector';
import type { Variables } from '@preservarium/publisher/environment';
import type { ProcessSettings } from './read-settings.js';

/** What `runConnector` is given: the parts, with what the variables say. */
export function toConnectorSettings(
  { kafka, connector }: ProcessSettings<Variables>,
  parts: Pick<ConnectorSettings, 'backend' | 'deliverer' | 'logger'>,
): ConnectorSettings {
  const { CONNECTOR_GROUP_ID: groupId } = connector;
  return {
    ...parts,
    ...(groupId !== undefined && { groupId }),
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
    limits: { maxConcurrentDeliveries: connector.CONNECTOR_MAX_CONCURRENT_DELIVERIES },
    startTimeoutMs: connector.CONNECTOR_START_TIMEOUT_MS,
  };
}
