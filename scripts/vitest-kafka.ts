import { startKafka } from '../packages/dev-services/dist/index.js';

/**
 * One Kafka for all tests of a run. Vitest calls this once for each project that has files to run, one after the other; the
 * first call starts it, and the others find it in the environment, as the tests do.
 */
export default async function startSharedKafka(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.KAFKA_BOOTSTRAP_SERVERS) return undefined;
  const kafka = await startKafka({ quickStart: true });
  process.env.KAFKA_BOOTSTRAP_SERVERS = kafka.brokers.join(',');
  return async () => {
    delete process.env.KAFKA_BOOTSTRAP_SERVERS;
    await kafka.stop();
  };
}
