import { assertTls, type KafkaOptions } from '@preservarium/backend';
import { ConfigurationError, cutText } from '@preservarium/core';

/** The default of `deliveryTimeoutMs`. */
export const defaultDeliveryTimeoutMs = 30_000;

const maxTimeoutMs = 2 ** 31 - 1;
const maxShownCharacters = 100;
const brokerExample = "['localhost:9092']";
const saslExample = "{ mechanism: 'plain', username: 'pusher', password: '…' }";

/**
 * Checks the options that all Kafka backends have.
 *
 * @throws `CONFIGURATION_INVALID` with the name of the first wrong option, its value, what is allowed and an example
 */
export function validateKafkaOptions(options: KafkaOptions): void {
  validateBrokers(options.brokers);
  optional('clientId', options.clientId, isText, 'text', "'preservarium-pusher'");
  validateTls(options.tls);
  validateSasl(options.sasl);
  optional(
    'compression',
    options.compression,
    oneOf(compressions),
    `one of ${compressions.join(', ')}`,
    "'lz4'",
  );
  optional(
    'partitioner',
    options.partitioner,
    oneOf(partitioners),
    `one of ${partitioners.join(', ')}`,
    "'murmur2'",
  );
  const isTimeout = (value: unknown) => isWhole(value, 1) && value <= maxTimeoutMs;
  const timeout = `a whole number of milliseconds from 1 to ${maxTimeoutMs}`;
  optional('deliveryTimeoutMs', options.deliveryTimeoutMs, isTimeout, timeout, `${defaultDeliveryTimeoutMs}`);
  validateQueueLimits(options);
  optional('logger', options.logger, isLogger, 'an object with debug, info, warn and error', 'pino()');
}

/**
 * Checks the limits of a backend's queue.
 *
 * @throws `CONFIGURATION_INVALID`
 */
export function validateQueueLimits(options: Pick<KafkaOptions, 'maxQueuedBytes' | 'maxWaitingBytes'>): void {
  const atLeast = (least: number) => (value: unknown) => isWhole(value, least);
  const bytes = 'a whole number of bytes from';
  optional('maxQueuedBytes', options.maxQueuedBytes, atLeast(1), `${bytes} 1`, '67108864');
  optional('maxWaitingBytes', options.maxWaitingBytes, atLeast(0), `${bytes} 0`, '268435456');
}

/** Returns the error for an option with a value that is not allowed. */
export function invalidOption(
  name: string,
  value: unknown,
  allowed: string,
  example: string,
): ConfigurationError {
  return new ConfigurationError(`${name}: ${show(value)} is not ${allowed}; for example ${example}`);
}

const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const partitioners = ['murmur2', 'crc32'] as const;
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;

function validateBrokers(brokers: unknown): void {
  if (!Array.isArray(brokers) || brokers.length === 0) {
    throw invalidOption('brokers', brokers, 'a list of one or more host:port', brokerExample);
  }
  for (const [index, broker] of brokers.entries()) {
    if (!isBroker(broker)) throw invalidOption(`brokers[${index}]`, broker, 'host:port', brokerExample);
  }
}

function validateTls(tls: unknown): void {
  if (tls === undefined || typeof tls === 'boolean') return;
  const example = "{ ca: readFileSync('ca.pem', 'utf8') }";
  const texts = typeof tls === 'function' ? tls() : tls;
  if (!isObject(texts)) throw invalidOption('tls', tls, 'true, false or an object of PEM texts', example);
  for (const name of ['ca', 'cert', 'key', 'passphrase']) {
    // Never shown: a key is a secret.
    optional(`tls.${name}`, texts[name] && typeof texts[name], oneOf(['string']), 'text', example);
  }
  assertTls(texts);
}

function validateSasl(sasl: unknown): void {
  if (sasl === undefined) return;
  if (!isObject(sasl)) throw invalidOption('sasl', typeof sasl, 'an object', saslExample);
  const { mechanism, username, password, token } = sasl;
  if (!oneOf(mechanisms)(mechanism)) {
    throw invalidOption('sasl.mechanism', mechanism, `one of ${mechanisms.join(', ')}`, "'scram-sha-256'");
  }
  if (mechanism === 'oauthbearer') {
    if (typeof token === 'function') return;
    throw invalidOption('sasl.token', typeof token, 'a function that returns a promise', 'fetchToken');
  }
  if (!isText(username)) throw invalidOption('sasl.username', username, 'text', saslExample);
  // Never shown.
  if (typeof password !== 'function' && !isText(password))
    throw invalidOption('sasl.password', typeof password, 'text', saslExample);
}

function optional(
  name: string,
  value: unknown,
  isAllowed: (value: unknown) => boolean,
  allowed: string,
  example: string,
): void {
  if (value !== undefined && !isAllowed(value)) throw invalidOption(name, value, allowed, example);
}

/** A host name, an IPv4 address or an IPv6 address in brackets, and a port. */
function isBroker(value: unknown): boolean {
  const port = typeof value === 'string' && /^(?:[^\s:[\]/]+|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(value)?.[1];
  return port !== false && port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function oneOf(allowed: readonly string[]): (value: unknown) => boolean {
  return (value) => allowed.includes(value as string);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isLogger(value: unknown): boolean {
  const names = ['debug', 'info', 'warn', 'error'];
  return isObject(value) && names.every((name) => typeof value[name] === 'function');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return cutText(text, maxShownCharacters);
}
