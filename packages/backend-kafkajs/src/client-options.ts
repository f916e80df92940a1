import type { KafkaOptions } from '@preservarium/backend';
import { invalidOption, validateKafkaOptions } from '@preservarium/backend-kit';
import { ConfigurationError } from '@preservarium/core';

/**
 * Checks the options of the backend.
 *
 * @throws `CONFIGURATION_INVALID` with the name of the first wrong option, its value, what is allowed and an example
 */
export function validateOptions(options: KafkaOptions): void {
  validateKafkaOptions(options);
  const { brokers, compression = 'none' } = options;
  for (const [index, broker] of brokers.entries()) {
    if (!broker.startsWith('[')) continue;
    const allowed = 'host:port with a name or an IPv4 address, the only ones that kafkajs has';
    throw invalidOption(`brokers[${index}]`, broker, allowed, "['localhost:9092']");
  }
  if (compression !== 'none' && compression !== 'gzip') {
    throw new ConfigurationError(
      `compression: "${compression}" is not built into kafkajs; use "none" or "gzip", or the package @preservarium/backend-rdkafka, which has it`,
    );
  }
}
