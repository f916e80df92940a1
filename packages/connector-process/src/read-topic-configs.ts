import type { TopicConfigs } from '@preservarium/backend';
import { createBackend } from '@preservarium/command-line';
import type { EnvironmentOptions } from '@preservarium/environment';

/** Reads settings of topics with kafkajs, whichever client moves the records: node-rdkafka cannot. Each call has a connection of its own. */
export function readTopicConfigs(options: EnvironmentOptions): TopicConfigs {
  return {
    async topicConfig(topic) {
      // Nothing is written: kafkajs lacks some codecs.
      const backend = await createBackend({ ...options, backend: 'kafkajs', compression: 'none' });
      try {
        return (await backend.topicConfig?.(topic)) ?? {};
      } finally {
        await backend.close({ timeoutMs: 1_000 });
      }
    },
  };
}
