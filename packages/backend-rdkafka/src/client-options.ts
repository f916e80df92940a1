import type { Compression, KafkaOptions, SaslOptions } from '@preservarium/backend';
import { type FreshTokens, invalidOption, validateKafkaOptions } from '@preservarium/backend-kit';
import { ConfigurationError } from '@preservarium/core';
import type { ClientModule } from './rdkafka-module.js';

export interface RdkafkaOptions extends KafkaOptions {
  /**
   * `acknowledged` (default): a receipt says that the brokers have the record, no more, which is much faster under load.
   * `offsets`: a receipt carries partition and offset.
   */
  readonly receipts?: 'acknowledged' | 'offsets';
}

/** The options, and what all clients of one backend share. */
export interface RdkafkaClientOptions extends RdkafkaOptions {
  /** Of the mechanism `oauthbearer`. */
  readonly tokens?: FreshTokens | undefined;
}

/**
 * Checks the options of the backend, also against what this build of librdkafka has.
 *
 * @throws `CONFIGURATION_INVALID` with the name of the first wrong option, its value, what is allowed and an example
 */
export function validateOptions({ features }: Pick<ClientModule, 'features'>, options: RdkafkaOptions): void {
  validateKafkaOptions(options);
  const need = (feature: string, option: string, systemPackage: string, example: string) => {
    if (features.includes(feature)) return;
    throw new ConfigurationError(
      `${option}: this node-rdkafka was built without it; install the system package ${systemPackage} and run ` +
        `\`npm rebuild node-rdkafka\`, or choose another, for example ${example}`,
    );
  };
  const { compression = 'none', receipts = 'acknowledged', sasl, tls } = options;
  if (receipts !== 'acknowledged' && receipts !== 'offsets') {
    throw invalidOption('receipts', receipts, 'one of acknowledged, offsets', "'acknowledged'");
  }
  const codec = codecNeeds[compression];
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
