import { promisify } from 'node:util';
import { BackendUnavailableError } from '@preservarium/core';
import type { Metadata, ProducerGlobalConfig } from 'node-rdkafka';
import { untilRdkafkaCompiled } from '../until-rdkafka-compiled.js';
import type { KafkaCluster, StartKafkaOptions } from './kafka-cluster.js';
import { unbreakable } from './unbreakable.js';

const timeoutMs = 10_000;

/** librdkafka's imitation of a cluster, in this process. Topics appear when they are named; there is no controller. */
export async function startMockKafka(options: StartKafkaOptions): Promise<KafkaCluster> {
  if (options.security === 'sasl-ssl')
    throw new BackendUnavailableError('the mock cluster has no TLS and no SASL');
  await untilRdkafkaCompiled();
  const { Producer } = await loadRdkafka();
  const config: ProducerGlobalConfig & Record<'test.mock.num.brokers', number> = {
    'test.mock.num.brokers': options.brokers ?? 1,
  };
  const host = new Producer(config);
  await new Promise<void>((resolve, reject) => {
    host.connect({ timeout: timeoutMs }, (error) => (error ? reject(error) : resolve()));
  });
  const metadata = await new Promise<Metadata>((resolve, reject) => {
    host.getMetadata({ timeout: timeoutMs }, (error, found) => (error ? reject(error) : resolve(found)));
  });
  const brokers = metadata.brokers.map(({ host, port }) => `${host}:${port}`);
  const stop = async () => {
    if (host.isConnected()) await promisify((done: () => void) => host.disconnect(done))();
  };
  return {
    kind: 'mock',
    brokers,
    settings: { brokers },
    ...unbreakable('mock'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function loadRdkafka() {
  try {
    return (await import('node-rdkafka')).default;
  } catch (cause) {
    throw new BackendUnavailableError(`node-rdkafka cannot be loaded: ${String(cause)}`, { cause });
  }
}
