import { type Backend, guardLogger, type KafkaOptions, silentLogger } from '@preservarium/backend';
import { validateOptions } from './client-options.js';
import { createPatientReader } from './kafkajs-patient-reader.js';
import { createPublisher } from './publisher.js';
import { createSubscriber } from './subscriber.js';
import { createTopicAdmin } from './topic-admin.js';

/**
 * A backend on kafkajs: pure JavaScript, nothing to compile. Receipts carry partition and offset.
 *
 * @throws ConfigurationError when a setting cannot work, for example a compression that kafkajs lacks
 */
export function createKafkajsBackend(given: KafkaOptions): Backend {
  validateOptions(given);
  const settings = { ...given, logger: guardLogger(given.logger ?? silentLogger) };
  const topicAdmin = createTopicAdmin(settings);
  const topicReader = createPatientReader(topicAdmin);
  const publisher = createPublisher(settings, topicReader);
  const subscriber = createSubscriber(settings, topicReader);

  return {
    name: 'kafkajs',
    supports: { offsets: true },
    connect: publisher.connect,
    publish: publisher.publish,
    subscribe: subscriber.subscribe,
    createTopic: topicAdmin.createTopic,
    listTopics: topicAdmin.listTopics,
    offsets: topicAdmin.offsets,
    async close(options) {
      await Promise.all([publisher.close(options), subscriber.close(options)]);
      await topicAdmin.close();
    },
  };
}
