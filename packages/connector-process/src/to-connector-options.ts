import type { ConnectorOptions } from '@preservarium/connector';
import type { Variables } from '@preservarium/environment';
import type { ProcessOptions } from './read-options.js';

/** Returns the options of `runConnector`: the parts, with the values of the variables. */
export function toConnectorOptions(
  { kafka, connector }: ProcessOptions<Variables>,
  parts: Pick<ConnectorOptions, 'backend' | 'deliverer' | 'logger'>,
): ConnectorOptions {
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
