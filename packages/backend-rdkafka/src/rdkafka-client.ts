import { type KafkaOptions, silentLogger } from '@preservarium/backend';
import { timerDelay } from '@preservarium/concurrency';
import { AuthenticationError, type PusherError } from '@preservarium/core';
import type { Client, KafkaClientEvents } from 'node-rdkafka';
import { isAuthenticationFailure } from './rdkafka-failures.js';
import { sendClientLogTo } from './rdkafka-log.js';
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
  options: KafkaOptions,
  { timeoutMs, serveEvents }: { readonly timeoutMs: number; serveEvents(): void },
): Promise<void> {
  sendClientLogTo(options.logger ?? silentLogger, client);
  await keepTokenFresh(client, options);
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
        reject(toPusherError(error));
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

async function keepTokenFresh(
  client: Client<KafkaClientEvents>,
  { sasl, logger }: KafkaOptions,
): Promise<void> {
  if (sasl?.mechanism !== 'oauthbearer') return;
  let timer: NodeJS.Timeout | undefined;
  const renew = async () => {
    const { value, expiresAtMs } = await sasl.token();
    client.setOauthBearerToken(value);
    const renewInMs = Math.max(1000, expiresAtMs - Date.now());
    timer = setTimeout(() => {
      renew().catch((error) =>
        logger?.error({ err: error }, 'the token function failed; the old token stays in use'),
      );
    }, timerDelay(renewInMs)).unref();
  };
  client.on('disconnected', () => clearTimeout(timer));
  try {
    await renew();
  } catch (cause) {
    throw tokenFailed(cause);
  }
}

function tokenFailed(cause: unknown): PusherError {
  return new AuthenticationError(`the token function of sasl failed: ${String(cause)}`, { cause });
}
