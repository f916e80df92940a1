import { createTestTopic, type KafkaCluster } from '@preservarium/dev-services';
import { Kafka, logLevel } from 'kafkajs';

interface TestTopic extends AsyncDisposable {
  readonly name: string;
}

/** A topic of 6 partitions, which is deleted at the end: the records of all contestants would fill the disk. */
export async function openTestTopic({ brokers, settings }: KafkaCluster): Promise<TestTopic> {
  const name = await createTestTopic(settings, { partitions: 6 });
  return {
    name,
    async [Symbol.asyncDispose]() {
      const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [name] });
      await admin.disconnect();
    },
  };
}
