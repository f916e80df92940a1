import { type KafkaOptions, type SubscriberBackend, silentLogger } from '@preservarium/backend';
import { createSubscriber as createKitSubscriber } from '@preservarium/backend-kit';
import { joinGroup } from './group-member.js';
import type { TopicReader } from './kafkajs-patient-reader.js';
import type { KafkajsTopicAdmin } from './topic-admin.js';

const metadataTimeoutMs = 10_000;

/** Returns the part of the backend that subscribes. */
export function createSubscriber(
  options: KafkaOptions,
  { partitionsOf }: TopicReader,
  topicAdmin: Pick<KafkajsTopicAdmin, 'offsets' | 'offsetsForTime' | 'committed'>,
): Pick<SubscriberBackend, 'subscribe' | 'close'> {
  return createKitSubscriber({
    name: 'kafkajs',
    logger: options.logger ?? silentLogger,
    async checkTopics(topics) {
      await Promise.all(topics.map((topic) => partitionsOf(topic, metadataTimeoutMs)));
    },
    join: (subscribe, callbacks) => joinGroup(options, topicAdmin, subscribe, callbacks),
  });
}
