import type { KafkaOptions } from '@preservarium/backend';
import { validateKafkaOptions } from '@preservarium/backend-kit';
import { ConfigurationError } from '@preservarium/core';
import { listCodecs } from './kafkajs-codecs.js';

/**
 * Checks the options of the backend.
 *
 * @throws `CONFIGURATION_INVALID` with the name of the first wrong option, its value, what is allowed and an example
 */
export function validateOptions(options: KafkaOptions): void {
  validateKafkaOptions(options);
  const { compression = 'none' } = options;
  const codecs = ['none', ...listCodecs()];
  if (!codecs.includes(compression)) {
    throw new ConfigurationError(
      `compression: "${compression}" is not built into kafkajs; use one of ${codecs.join(', ')}, or the package @preservarium/backend-rdkafka, which has it`,
    );
  }
}
