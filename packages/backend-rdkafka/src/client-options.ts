import { createRequire } from 'node:module';
import type { Compression, KafkaOptions, SaslOptions } from '@preservarium/backend';
import { ClientNotInstalledError, ConfigurationError } from '@preservarium/core';
import type * as Rdkafka from 'node-rdkafka';

export type ClientModule = typeof Rdkafka;

export interface RdkafkaOptions extends KafkaOptions {
  /**
   * `acknowledged` (default): a receipt says that the brokers have the record, no more, which is much faster under load.
   * `offsets`: a receipt carries partition and offset.
   */
  readonly receipts?: 'acknowledged' | 'offsets';
}

export const defaultDeliveryTimeoutMs = 30_000;
/**
 * How long the brokers wait for a sign of life of a consumer before they give its partitions to others. The client gives it
 * from a thread of its own, whatever JavaScript does.
 */
const sessionTimeoutMs = 10_000;

/**
 * Loads node-rdkafka, which is installed beside this package because it is compiled.
 *
 * @throws `CLIENT_NOT_INSTALLED` with the command that mends it
 */
export function loadClient(
  require: (name: string) => ClientModule = createRequire(import.meta.url),
): ClientModule {
  try {
    return require('node-rdkafka');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND';
    throw new ClientNotInstalledError(
      missing
        ? 'the rdkafka backend needs node-rdkafka: run `npm install node-rdkafka@^3.6.1` (it compiles: g++, make and python3 are needed)'
        : `node-rdkafka is installed but was not built for Node ${process.version}: run \`npm rebuild node-rdkafka\` with this Node`,
      { cause },
    );
  }
}

/**
 * @throws `CONFIGURATION_INVALID` for a setting that cannot work
 */
export function checkOptions({ features }: Pick<ClientModule, 'features'>, settings: RdkafkaOptions): void {
  if (settings.brokers.length === 0 || settings.brokers.some((broker) => broker.trim() === '')) {
    throw new ConfigurationError('brokers: at least one broker is needed, for example ["localhost:9092"]');
  }
  const need = (feature: string, setting: string, systemPackage: string, example: string) => {
    if (features.includes(feature)) return;
    throw new ConfigurationError(
      `${setting}: this node-rdkafka was built without it; install the system package ${systemPackage} and run ` +
        `\`npm rebuild node-rdkafka\`, or choose another, for example ${example}`,
    );
  };
  const { compression = 'none', sasl, tls } = settings;
  const codec = codecNeeds[compression];
  if (codec === undefined) {
    throw new ConfigurationError(`compression: "${compression}" is not a codec of Kafka; for example "lz4"`);
  }
  if (codec.feature !== undefined) {
    need(codec.feature, `compression "${compression}"`, codec.systemPackage, 'compression "lz4"');
  }
  if (tls) need('ssl', 'tls', 'libssl-dev', 'tls false');
  if (sasl !== undefined) {
    need(
      saslFeature[sasl.mechanism],
      `sasl mechanism "${sasl.mechanism}"`,
      'libssl-dev',
      'sasl mechanism "plain"',
    );
  }
}

const codecNeeds: Record<Compression, { readonly feature?: string; readonly systemPackage: string }> = {
  none: { systemPackage: '' },
  gzip: { feature: 'gzip', systemPackage: 'zlib1g-dev' },
  snappy: { feature: 'snappy', systemPackage: '' },
  lz4: { feature: 'lz4', systemPackage: 'liblz4-dev' },
  zstd: { feature: 'zstd', systemPackage: 'libzstd-dev' },
};

const saslFeature: Record<SaslOptions['mechanism'], string> = {
  plain: 'sasl_plain',
  'scram-sha-256': 'sasl_scram',
  'scram-sha-512': 'sasl_scram',
  oauthbearer: 'sasl_oauthbearer',
};

export function connectionConfig(settings: KafkaOptions): Rdkafka.GlobalConfig {
  const { brokers, clientId = 'preservarium-pusher', tls, sasl } = settings;
  return {
    'metadata.broker.list': brokers.join(','),
    'client.id': clientId,
    'security.protocol': sasl ? (tls ? 'sasl_ssl' : 'sasl_plaintext') : tls ? 'ssl' : 'plaintext',
    'socket.keepalive.enable': true,
    'log.connection.close': false,
    'reconnect.backoff.max.ms': 1000,
    // How long a topic that a broker does not know may still be on its way to it from the one that made it.
    'topic.metadata.propagation.max.ms': 1000,
    'allow.auto.create.topics': false,
    ...tlsConfig(tls),
    ...saslConfig(sasl),
  };
}

function tlsConfig(tls: KafkaOptions['tls']): Rdkafka.GlobalConfig {
  if (!tls) return {};
  const { ca, cert, key } = tls === true ? {} : tls;
  return {
    ...(ca === undefined ? { 'ssl.ca.location': 'probe' } : { 'ssl.ca.pem': ca }),
    ...(cert === undefined ? {} : { 'ssl.certificate.pem': cert }),
    ...(key === undefined ? {} : { 'ssl.key.pem': key }),
  };
}

function saslConfig(sasl: SaslOptions | undefined): Rdkafka.GlobalConfig {
  if (sasl === undefined) return {};
  if (sasl.mechanism === 'oauthbearer') return { 'sasl.mechanisms': 'OAUTHBEARER' };
  return {
    'sasl.mechanisms': sasl.mechanism.toUpperCase(),
    'sasl.username': sasl.username,
    'sasl.password': sasl.password,
  };
}

export interface ClientConfig<Global, Topic> {
  readonly global: Global;
  /** What librdkafka ignores in silence when it stands among the global settings. */
  readonly topic: Topic;
}

export function producerConfig(
  settings: RdkafkaOptions,
): ClientConfig<Rdkafka.ProducerGlobalConfig, Rdkafka.ProducerTopicConfig> {
  const { receipts = 'acknowledged', deliveryTimeoutMs = defaultDeliveryTimeoutMs } = settings;
  return {
    global: {
      ...connectionConfig(settings),
      'enable.idempotence': true,
      'compression.codec': settings.compression ?? 'none',
      // Batches form while a group is handed over; the flush that follows ends the wait, so a lone record does not feel it.
      'queue.buffering.max.ms': 5,
      'queue.buffering.max.messages': 500_000,
      // The brokers know the limit of each topic; the client's own would come first.
      'message.max.bytes': 1_000_000_000,
      // With the value, a report of a failure can be matched to its record.
      ...(receipts === 'acknowledged'
        ? { 'delivery.report.only.error': true, dr_msg_cb: true }
        : { dr_cb: true }),
    },
    topic: {
      'request.required.acks': -1,
      'message.timeout.ms': deliveryTimeoutMs,
      'request.timeout.ms': deliveryTimeoutMs,
      partitioner: settings.partitioner === 'crc32' ? 'consistent_random' : 'murmur2_random',
    },
  };
}

export function consumerConfig(
  settings: KafkaOptions,
  groupId: string,
  from: 'beginning' | 'end',
): ClientConfig<Rdkafka.ConsumerGlobalConfig, Rdkafka.ConsumerTopicConfig> {
  return {
    global: {
      ...connectionConfig(settings),
      'group.id': groupId,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'session.timeout.ms': sessionTimeoutMs,
      // A member has the same partitions of topics of one size.
      'partition.assignment.strategy': 'range',
      'queued.max.messages.kbytes': 16_384,
      // They say when the brokers were heard of last.
      'statistics.interval.ms': 3_000,
      'fetch.queue.backoff.ms': 20,
    },
    topic: { 'auto.offset.reset': from === 'beginning' ? 'earliest' : 'latest' },
  };
}
