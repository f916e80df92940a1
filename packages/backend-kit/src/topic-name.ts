import { ConfigurationError, cutText } from '@preservarium/core';

const maxShownCharacters = 100;
const topicName = /^[\w.-]{1,249}$/;

/** Returns why Kafka takes no topic of this name, whatever the caller gave as one; `undefined` if it does. */
export function topicNameError(topic: unknown): ConfigurationError | undefined {
  if (typeof topic === 'string' && topicName.test(topic) && topic !== '.' && topic !== '..') return undefined;
  const shown =
    typeof topic === 'string' ? JSON.stringify(cutText(topic, maxShownCharacters)) : String(topic);
  return new ConfigurationError(
    `topic: ${shown} is not 1 to 249 letters, digits, dots, underscores and hyphens; for example "device_commands"`,
  );
}

const internalTopics = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state']);

/** Returns whether the brokers keep their own state in the topic. Other names may begin with `__` too. */
export function isInternalTopic(topic: string): boolean {
  return internalTopics.has(topic);
}
