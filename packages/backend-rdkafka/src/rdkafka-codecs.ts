import type { ClientModule } from './rdkafka-module.js';

/** The names of Kafka's codecs, by the number that a batch of records has. */
export const codecNames: readonly string[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Returns the names of the codecs that this build of librdkafka has. */
export function listCodecs({ features }: Pick<ClientModule, 'features'>): readonly string[] {
  return codecNames.filter((codec) => features.includes(codec));
}
