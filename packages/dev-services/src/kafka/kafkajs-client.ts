import { type KafkaOptions, readTls, type SaslOptions } from '@preservarium/backend';
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { quietRequestQueues } from './quiet-request-queue.js';

/** A kafkajs client that prints nothing. `overrides` are kafkajs's own settings. */
export function kafkajsClient(settings: KafkaOptions, overrides: Partial<KafkaConfig> = {}): Kafka {
  quietRequestQueues();
  return new Kafka({
    clientId: settings.clientId ?? 'preservarium-dev-services',
    brokers: [...settings.brokers],
    logLevel: logLevel.NOTHING,
    ...(settings.tls && { ssl: { ...readTls(settings.tls) } }),
    ...(settings.sasl !== undefined && { sasl: kafkajsSasl(settings.sasl) }),
    ...overrides,
  });
}

function kafkajsSasl(sasl: SaslOptions): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = sasl;
    return { mechanism, username, password: typeof password === 'function' ? password() : password };
  }
  return { mechanism: 'oauthbearer', oauthBearerProvider: sasl.token };
}
