import { type KafkaOptions, type SaslOptions, silentLogger, type TlsOptions } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import type { KafkaConfig, RetryOptions, SASLOptions } from 'kafkajs';
import { createClientLog } from './client-log.js';

/** What kafkajs' `Kafka` takes, but for the brokers and the sockets, which `createClient` holds in its hand. */
export type ClientOptions = Omit<KafkaConfig, 'brokers' | 'socketFactory'>;

export const defaultDeliveryTimeoutMs = 30_000;
const longestRequestTimeoutMs = 10_000;
const longestPauseMs = 1_000;

/** Throws a `ConfigurationError` that names the setting, the problem and an example. */
export function validateOptions({
  brokers,
  compression,
  deliveryTimeoutMs,
  maxQueuedBytes,
  maxWaitingBytes,
}: KafkaOptions): void {
  const example = "for example ['localhost:9092']";
  if (brokers.length === 0) {
    throw new ConfigurationError(`brokers: the list is empty; name at least one as host:port, ${example}`);
  }
  for (const broker of brokers) {
    if (!/^[^\s:]+:\d{1,5}$/.test(broker)) {
      throw new ConfigurationError(`brokers: "${broker}" is not host:port; ${example}`);
    }
  }
  if (compression !== undefined && compression !== 'none' && compression !== 'gzip') {
    throw new ConfigurationError(
      `compression: kafkajs has no "${compression}" built in; use "none" or "gzip", or the package @preservarium/backend-rdkafka, which has it`,
    );
  }
  validatePositive('deliveryTimeoutMs', deliveryTimeoutMs, 30_000);
  validatePositive('maxQueuedBytes', maxQueuedBytes, 67_108_864);
  if (maxWaitingBytes !== undefined && !(maxWaitingBytes >= 0)) {
    throw new ConfigurationError(
      `maxWaitingBytes: ${maxWaitingBytes} is not 0 or more; for example 268435456`,
    );
  }
}

function validatePositive(name: string, value: number | undefined, example: number): void {
  if (value !== undefined && !(value > 0)) {
    throw new ConfigurationError(`${name}: ${value} is not a positive number; for example ${example}`);
  }
}

export function toClientOptions(settings: KafkaOptions): ClientOptions {
  return {
    clientId: settings.clientId ?? 'preservarium-pusher',
    ...(settings.tls === undefined || settings.tls === false ? {} : { ssl: toTlsOptions(settings.tls) }),
    ...(settings.sasl === undefined ? {} : { sasl: toSaslOptions(settings.sasl) }),
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: requestTimeoutMs(settings),
    retry: retryFor(settings.deliveryTimeoutMs ?? defaultDeliveryTimeoutMs),
    ...createClientLog(settings.logger ?? silentLogger),
  };
}

/** How long one request may take; several fit into the delivery timeout, so that a lost one is sent again. */
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

function toTlsOptions(tls: true | TlsOptions): TlsOptions {
  return tls === true ? {} : tls;
}

function toSaslOptions(sasl: SaslOptions): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl };
  const { token } = sasl;
  return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: (await token()).value }) };
}
