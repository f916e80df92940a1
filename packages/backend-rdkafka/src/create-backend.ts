import { type Backend, guardLogger, silentLogger } from '@preservarium/backend';
import { checkOptions, loadClient, type RdkafkaOptions } from './client-options.js';
import { createPublisher } from './publisher.js';
import { createSubscriber } from './subscriber.js';
import { createTopicAdmin } from './topic-admin.js';

/**
 * A backend on librdkafka, for high throughput. It connects when it is first used.
 *
 * @throws `CLIENT_NOT_INSTALLED` where node-rdkafka is missing or was built for another Node
 * @throws `CONFIGURATION_INVALID` for settings that cannot work, or that this build of librdkafka lacks
 */
export function createRdkafkaBackend(given: RdkafkaOptions): Backend {
  const client = loadClient();
  checkOptions(client, given);
  const settings = { ...given, logger: guardLogger(given.logger ?? silentLogger) };
  const publisher = createPublisher(client, settings);
  const subscriber = createSubscriber(client, settings);
  const topicAdmin = createTopicAdmin(client, settings);
  return {
    name: 'rdkafka',
    supports: { offsets: settings.receipts === 'offsets' },
    connect: publisher.connect,
    publish: publisher.publish,
    subscribe: subscriber.subscribe,
    createTopic: topicAdmin.createTopic,
    listTopics: topicAdmin.listTopics,
    offsets: topicAdmin.offsets,
    async close(options) {
      await Promise.all([publisher.close(options), subscriber.close(options), topicAdmin.close(options)]);
    },
  };
}
