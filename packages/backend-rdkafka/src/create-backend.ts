import { type Backend, guardLogger, silentLogger } from '@preservarium/backend';
import { createFreshTokens } from '@preservarium/backend-kit';
import { type RdkafkaClientOptions, type RdkafkaOptions, validateOptions } from './client-options.js';
import { createPublisher } from './publisher.js';
import { listCodecs } from './rdkafka-codecs.js';
import { loadClient } from './rdkafka-module.js';
import { createSubscriber } from './subscriber.js';
import { createTopicAdmin } from './topic-admin.js';

/**
 * Returns a backend on librdkafka, for high throughput. It connects when it is first used.
 *
 * @throws `CLIENT_NOT_INSTALLED` where node-rdkafka is missing or was built for another Node
 * @throws `CONFIGURATION_INVALID` for options that are invalid, or that this build of librdkafka lacks
 */
export function createRdkafkaBackend(given: RdkafkaOptions): Backend {
  const client = loadClient();
  validateOptions(client, given);
  const logger = guardLogger(given.logger ?? silentLogger);
  const options: RdkafkaClientOptions = { ...given, logger, tokens: createFreshTokens({ ...given, logger }) };
  const publisher = createPublisher(client, options);
  const subscriber = createSubscriber(client, options);
  const topicAdmin = createTopicAdmin(client, options);
  return {
    name: 'rdkafka',
    supports: { offsets: options.receipts === 'offsets', headers: 'text', codecs: listCodecs(client) },
    connect: publisher.connect,
    publish: publisher.publish,
    subscribe: subscriber.subscribe,
    createTopic: topicAdmin.createTopic,
    addPartitions: topicAdmin.addPartitions,
    listTopics: topicAdmin.listTopics,
    offsets: topicAdmin.offsets,
    async close(closeOptions) {
      await Promise.all([
        publisher.close(closeOptions),
        subscriber.close(closeOptions),
        topicAdmin.close(closeOptions),
      ]);
      options.tokens?.close();
    },
  };
}
