import { silentLogger } from '@preservarium/backend';
import type { FreshTokens } from '@preservarium/backend-kit';
import type { Client, KafkaClientEvents } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { isAuthenticationFailure } from './rdkafka-failures.js';
import { sendClientLogTo } from './rdkafka-log.js';
import { findTlsFailure } from './rdkafka-tls-failure.js';
import { toPusherError } from './to-pusher-error.js';

const pollIntervalMs = 20;

/**
 * Connects a new client, which then prints nothing and renews its token by itself. Resolves once a broker has answered;
 * a client that could not connect ends by itself.
 *
 * @param serveEvents lets the client hand over what happened since; called again and again until it is connected
 */
export async function connectClient(
  client: Client<KafkaClientEvents>,
  options: RdkafkaClientOptions,
  { timeoutMs, serveEvents }: { readonly timeoutMs: number; serveEvents(): void },
): Promise<void> {
  sendClientLogTo(options.logger ?? silentLogger, client);
  if (options.tokens !== undefined) await keepTokenFresh(client, options.tokens);
  const polling = setInterval(() => {
    if (client.isConnected()) serveEvents();
  }, pollIntervalMs);
  try {
    await new Promise<void>((resolve, reject) => {
      // librdkafka tries refused credentials again and again; the answer does not change.
      let refused = false;
      client.on('event.error', (error) => {
        if (!isAuthenticationFailure(error)) return;
        refused = true;
        const refusal = toPusherError(error);
        findTlsFailure(options).then((reason) => reject(reason ?? refusal), reject);
      });
      client.connect({ allTopics: false, timeout: timeoutMs }, (error) => {
        if (error) reject(toPusherError(error));
        else if (refused) client.disconnect();
        else resolve();
      });
    });
  } finally {
    clearInterval(polling);
  }
}

/** The client forgets no token by itself: it is given each new one before the old one expires. */
async function keepTokenFresh(client: Client<KafkaClientEvents>, tokens: FreshTokens): Promise<void> {
  const stop = await tokens.follow(({ value }) => client.setOauthBearerToken(value));
  client.on('disconnected', stop);
}
