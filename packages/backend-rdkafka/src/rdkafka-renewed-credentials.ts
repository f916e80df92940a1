import type { KafkaOptions } from '@preservarium/backend';
import type { Client, KafkaClientEvents } from 'node-rdkafka';
import { credentialsOf } from './rdkafka-config.js';
import { isAuthenticationFailure } from './rdkafka-failures.js';

/**
 * Listens to a client that is about to connect. It tries its passwords and certificates again and again; a new client reads them anew.
 *
 * @returns whether a broker refused them since, and they are others now
 */
export function followCredentials(client: Client<KafkaClientEvents>, options: KafkaOptions): () => boolean {
  const inUse = credentialsOf(options);
  let isRefused = false;
  client.on('event.error', (error) => {
    isRefused ||= isAuthenticationFailure(error);
  });
  return () => isRefused && credentialsOf(options) !== inUse;
}
