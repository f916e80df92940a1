import { type Backend, guardLogger, type KafkaOptions, silentLogger } from '@preservarium/backend';
import { createFreshTokens } from '@preservarium/backend-kit';
import { validateOptions } from './client-options.js';
import { listCodecs } from './kafkajs-codecs.js';
import { createPatientReader } from './kafkajs-patient-reader.js';
import { createPublisher } from './publisher.js';
import { createSubscriber } from './subscriber.js';
import { createTopicAdmin } from './topic-admin.js';

/**
 * Returns a backend on kafkajs: pure JavaScript, nothing to compile. Receipts carry partition and offset.
 *
 * @throws ConfigurationError when an option is invalid, for example a compression that kafkajs lacks
 */
export function createKafkajsBackend(given: KafkaOptions): Backend {
  validateOptions(given);
  const logger = guardLogger(given.logger ?? silentLogger);
  const tokens = createFreshTokens({ ...given, logger });
  const sasl =
    tokens === undefined ? given.sasl : { mechanism: 'oauthbearer' as const, token: tokens.current };
  const options = { ...given, logger, ...(sasl && { sasl }) };
  const topicAdmin = createTopicAdmin(options);
  const topicReader = createPatientReader(topicAdmin);
  const publisher = createPublisher(options, topicReader);
  const subscriber = createSubscriber(options, topicReader, topicAdmin);

  return {
    name: 'kafkajs',
    supports: { offsets: true, headers: 'bytes', codecs: listCodecs() },
    connect: publisher.connect,
    publish: publisher.publish,
    subscribe: subscriber.subscribe,
    createTopic: topicAdmin.createTopic,
    addPartitions: topicAdmin.addPartitions,
    listTopics: topicAdmin.listTopics,
    offsets: topicAdmin.offsets,
    topicConfig: topicAdmin.topicConfig,
    groupsOf: topicAdmin.groupsOf,
    describeCluster: topicAdmin.describeCluster,
    async close(closeOptions) {
      await Promise.all([publisher.close(closeOptions), subscriber.close(closeOptions)]);
      await topicAdmin.close();
      tokens?.close();
    },
  };
}
