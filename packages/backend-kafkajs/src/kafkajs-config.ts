import { type KafkaOptions, type SaslOptions, silentLogger } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs } from '@preservarium/backend-kit';
import { PusherError } from '@preservarium/core';
import kafkajs, { type KafkaConfig, type Mechanism, type RetryOptions, type SASLOptions } from 'kafkajs';
import { createClientLog } from './kafkajs-log.js';
import { oauthBearer } from './kafkajs-oauth-bearer.js';

/** The configuration of kafkajs' `Kafka` without the brokers and the sockets, which `createClient` controls. */
export type ClientConfig = Omit<KafkaConfig, 'brokers' | 'socketFactory'>;

const longestRequestTimeoutMs = 10_000;
const longestPauseMs = 1_000;
/** A connection on which a request was sent, and nothing came back for so long, is given up: its broker may be frozen. */
export const silenceLimitMs = 4_000;

/**
 * A connection shows its new token so long before the old one expires. The token is renewed after 80 % of its lifetime: the brokers refuse a client
 * that shows the old one again.
 */
const reauthenticatedBeforeMs = 2_000;

/** Returns the configuration of a client. */
export function toClientConfig(options: KafkaOptions): ClientConfig {
  return {
    clientId: options.clientId ?? 'preservarium-pusher',
    // The sockets read the certificates.
    ...(options.tls ? { ssl: true } : {}),
    ...(options.sasl === undefined ? {} : { sasl: toSaslOptions(options.sasl) }),
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: requestTimeoutMs(options),
    reauthenticationThreshold: reauthenticatedBeforeMs,
    retry: retryFor(options.deliveryTimeoutMs ?? defaultDeliveryTimeoutMs),
    ...createClientLog(options.logger ?? silentLogger),
  };
}

/** Returns the timeout of one request; several fit into the delivery timeout, so that a lost one is sent again. */
export function requestTimeoutMs({ deliveryTimeoutMs = defaultDeliveryTimeoutMs }: KafkaOptions): number {
  return Math.min(longestRequestTimeoutMs, Math.ceil(deliveryTimeoutMs / 2));
}

/** Retries that span `durationMs` where every try fails at once: 100, 200, 400, 800 ms, then one each second. */
export function retryFor(durationMs: number): RetryOptions {
  return {
    initialRetryTime: 100,
    multiplier: 2,
    factor: 0.2,
    maxRetryTime: longestPauseMs,
    retries: 3 + Math.ceil(durationMs / longestPauseMs),
  };
}

function toSaslOptions(sasl: SaslOptions): SASLOptions | Mechanism {
  if (sasl.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = sasl;
    const options: SASLOptions = {
      mechanism,
      username,
      // kafkajs reads it for each connection.
      get password() {
        return typeof password === 'function' ? password() : password;
      },
    };
    return options;
  }
  const { token } = sasl;
  return oauthBearer(() => token().catch(refuseToRetry));
}

/** kafkajs tries again whatever it does not know; without a token it is of no use, unless the error says otherwise. */
function refuseToRetry(error: unknown): never {
  if (PusherError.isInstance(error) && !error.retryable) {
    throw Object.assign(new kafkajs.KafkaJSNonRetriableError(error.message), { cause: error });
  }
  throw error;
}
