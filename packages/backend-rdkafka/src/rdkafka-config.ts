import { type KafkaOptions, readTls, type SaslOptions } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs } from '@preservarium/backend-kit';
import type * as Rdkafka from 'node-rdkafka';
import type { RdkafkaOptions } from './client-options.js';
import { statisticsIntervalMs } from './rdkafka-partition-acks.js';
import type { Reported } from './rdkafka-reports.js';

/**
 * Without a heartbeat for this long, the brokers give a consumer's partitions to others. The client sends it
 * from a thread of its own, whatever JavaScript does.
 */
const sessionTimeoutMs = 10_000;

/** A broker that does not answer for so long is left, and its partitions are asked for elsewhere. */
const longestRequestMs = 4_000;

/** A broker that does not answer a consumer for so long is left. It answers a fetch much earlier; joining has a deadline of its own. */
const consumerRequestMs = 10_000;

function requestTimeoutMs(deliveryTimeoutMs: number): number {
  return Math.min(longestRequestMs, Math.ceil(deliveryTimeoutMs / 2));
}

export function connectionConfig(options: KafkaOptions): Rdkafka.GlobalConfig {
  const { brokers, clientId = 'preservarium-pusher', tls, sasl } = options;
  return {
    'metadata.broker.list': brokers.join(','),
    'client.id': clientId,
    'security.protocol': sasl ? (tls ? 'sasl_ssl' : 'sasl_plaintext') : tls ? 'ssl' : 'plaintext',
    'socket.keepalive.enable': true,
    'log.connection.close': false,
    'reconnect.backoff.max.ms': 1000,
    // A topic that another broker created may be unknown to a broker for this long.
    'topic.metadata.propagation.max.ms': 1000,
    'allow.auto.create.topics': false,
    ...tlsConfig(tls),
    ...saslConfig(sasl),
  };
}

function tlsConfig(tls: KafkaOptions['tls']): Rdkafka.GlobalConfig {
  if (!tls) return {};
  const { ca, cert, key, passphrase } = readTls(tls);
  return {
    ...(ca === undefined ? { 'ssl.ca.location': 'probe' } : { 'ssl.ca.pem': ca }),
    ...(cert === undefined ? {} : { 'ssl.certificate.pem': cert }),
    ...(key === undefined ? {} : { 'ssl.key.pem': key }),
    ...(passphrase === undefined ? {} : { 'ssl.key.password': passphrase }),
  };
}

function saslConfig(sasl: SaslOptions | undefined): Rdkafka.GlobalConfig {
  if (sasl === undefined) return {};
  if (sasl.mechanism === 'oauthbearer') return { 'sasl.mechanisms': 'OAUTHBEARER' };
  return {
    'sasl.mechanisms': sasl.mechanism.toUpperCase(),
    'sasl.username': sasl.username,
    'sasl.password': typeof sasl.password === 'function' ? sasl.password() : sasl.password,
  };
}

/** Returns the passwords and certificates of a client that connects now, to be compared; it does not throw. */
export function credentialsOf({ tls, sasl }: KafkaOptions): string {
  try {
    return JSON.stringify([tlsConfig(tls), saslConfig(sasl)]);
  } catch (error) {
    return String(error);
  }
}

export interface ClientConfig<Global, Topic> {
  readonly global: Global;
  /** librdkafka silently ignores these among the global options. */
  readonly topic: Topic;
}

export function producerConfig(
  options: RdkafkaOptions,
  reports: Reported,
): ClientConfig<Rdkafka.ProducerGlobalConfig, Rdkafka.ProducerTopicConfig> {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  return {
    global: {
      ...connectionConfig(options),
      'socket.timeout.ms': longestRequestMs,
      'enable.idempotence': true,
      'compression.codec': options.compression ?? 'none',
      // Batches form while many records are handed over; the flush that follows ends the wait, so a lone record does not feel it.
      'queue.buffering.max.ms': reports === 'all' ? 0 : 5,
      'queue.buffering.max.messages': 500_000,
      // The brokers know the limit of each topic; the client's own would come first.
      'message.max.bytes': 1_000_000_000,
      ...(reports === 'all'
        ? { dr_cb: true }
        : {
            'delivery.report.only.error': true,
            // With the value, a report of a failure can be matched to its record.
            dr_msg_cb: true,
            // They say which partitions are acknowledged while another one stalls.
            'statistics.interval.ms': statisticsIntervalMs,
          }),
    },
    topic: {
      'request.required.acks': -1,
      'message.timeout.ms': deliveryTimeoutMs,
      'request.timeout.ms': requestTimeoutMs(deliveryTimeoutMs),
      partitioner: options.partitioner === 'crc32' ? 'consistent_random' : 'murmur2_random',
    },
  };
}

export function consumerConfig(
  options: KafkaOptions,
  groupId: string,
): ClientConfig<Rdkafka.ConsumerGlobalConfig, Rdkafka.ConsumerTopicConfig> {
  return {
    global: {
      ...connectionConfig(options),
      'group.id': groupId,
      'socket.timeout.ms': consumerRequestMs,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'session.timeout.ms': sessionTimeoutMs,
      // A member has the same partitions of topics of one size.
      'partition.assignment.strategy': 'range',
      // It says when the end of a partition is reached, also where no record is the last thing in it.
      'enable.partition.eof': true,
      'queued.max.messages.kbytes': 16_384,
      // They say when the brokers were heard of last.
      'statistics.interval.ms': 3_000,
      'fetch.queue.backoff.ms': 20,
      // A partition that is added to a topic is noticed within this time.
      'topic.metadata.refresh.interval.ms': 30_000,
    },
    // A member knows where to fetch from. This is for an offset that retention removes while it reads. `error` would leave the partition without
    // records without end if the partition is paused at that moment: the client drops the error then.
    topic: { 'auto.offset.reset': 'earliest' },
  };
}
