import { PusherError } from '@preservarium/core';

export type Failure =
  | 'authentication'
  | 'authorization'
  | 'client broken'
  | 'codec missing'
  | 'configuration'
  | 'partition unknown'
  | 'queue full'
  | 'timed out'
  | 'too large'
  | 'topic exists'
  | 'topic unknown'
  | 'unavailable';

/**
 * Errors of librdkafka by code and by text, since node-rdkafka hands over delivery reports and events without their code.
 */
const failures: readonly (readonly [code: number, text: string, failure: Failure])[] = [
  [-169, 'authentication failure', 'authentication'],
  [58, 'sasl authentication failed', 'authentication'],
  [33, 'unsupported sasl mechanism', 'authentication'],
  [34, 'request not valid in current sasl state', 'authentication'],
  [-181, 'ssl error', 'authentication'],
  [29, 'topic authorization failed', 'authorization'],
  [30, 'group authorization failed', 'authorization'],
  [31, 'cluster authorization failed', 'authorization'],
  [-150, 'fatal error', 'client broken'],
  [-152, 'purged in queue', 'client broken'],
  // The brokers refuse the id of the producer; a new producer has a new one.
  [-144, 'this instance has been fenced by a newer instance', 'client broken'],
  [45, 'broker received an out of order sequence number', 'client broken'],
  [47, 'producer attempted an operation with an old epoch', 'client broken'],
  [59, 'unknown producer id', 'client broken'],
  [-170, 'not implemented', 'codec missing'],
  [17, 'invalid topic', 'configuration'],
  [37, 'invalid number of partitions', 'configuration'],
  [38, 'invalid replication factor', 'configuration'],
  [40, 'invalid configuration', 'configuration'],
  [42, 'invalid request', 'configuration'],
  [44, 'request parameters violate policy', 'configuration'],
  [-184, 'queue full', 'queue full'],
  [-192, 'message timed out', 'timed out'],
  [7, 'request timed out', 'timed out'],
  [10, 'message size too large', 'too large'],
  [18, 'message batch larger than configured server segment size', 'too large'],
  [36, 'topic already exists', 'topic exists'],
  [-188, 'unknown topic', 'topic unknown'],
  [-190, 'unknown partition', 'partition unknown'],
  [3, 'unknown topic or partition', 'topic unknown'],
  [-195, 'broker transport failure', 'unavailable'],
  [-193, 'host resolution failure', 'unavailable'],
  [-187, 'all broker connections are down', 'unavailable'],
  [-185, 'timed out', 'unavailable'],
  [-180, 'waiting for coordinator', 'unavailable'],
  // A broker starts, a leader or a coordinator moves: https://kafka.apache.org/protocol#protocol_error_codes, "Retriable".
  [5, 'leader not available', 'unavailable'],
  [6, 'not leader for partition', 'unavailable'],
  [8, 'broker not available', 'unavailable'],
  [9, 'replica not available', 'unavailable'],
  [13, 'broker disconnected before response received', 'unavailable'],
  [14, 'coordinator load in progress', 'unavailable'],
  [15, 'coordinator not available', 'unavailable'],
  [16, 'not coordinator', 'unavailable'],
  [19, 'not enough in-sync replicas', 'unavailable'],
  [41, 'not controller for cluster', 'unavailable'],
  [56, 'disk error when trying to access log file on disk', 'unavailable'],
  [72, 'no matching listener', 'unavailable'],
  [74, 'leader epoch is older than broker epoch', 'unavailable'],
  [75, 'leader epoch is newer than broker epoch', 'unavailable'],
  [78, 'leader high watermark is not caught up', 'unavailable'],
  [88, 'there are unstable offsets that need to be cleared', 'unavailable'],
];

const failureByCode = new Map(failures.map(([code, , failure]) => [code, failure]));
const failureByText = new Map(failures.map(([, text, failure]) => [text, failure]));

/** Returns whether the client has no room for a record now. */
export function isQueueFull(error: unknown): boolean {
  return failureOf(error) === 'queue full';
}

/** Returns whether the client gave a record up, which the brokers may have, or still get. */
export function isTimedOut(error: unknown): boolean {
  return failureOf(error) === 'timed out';
}

/** Returns whether the client can do nothing more after this error. */
export function isClientBroken(error: unknown): boolean {
  return failureOf(error) === 'client broken';
}

/** Returns whether a consumer cannot decompress the records of a partition. The others go on. */
export function isCodecMissing(error: unknown): boolean {
  return failureOf(error) === 'codec missing';
}

/** Returns whether the brokers refused the credentials: trying again with the same ones is of no use. */
export function isAuthenticationFailure(error: unknown): boolean {
  return failureOf(error) === 'authentication';
}

/** Returns whether the brokers refused the credentials or the operation. */
export function isRefusal(error: unknown): boolean {
  const failure = failureOf(error);
  return failure === 'authentication' || failure === 'authorization';
}

/** Returns whether a consumer can do nothing more after this error; of others it recovers by itself. */
export function endsSubscription(error: unknown): boolean {
  if (PusherError.isInstance(error)) return true;
  const failure = failureOf(error);
  return failure !== undefined && !['unavailable', 'timed out', 'codec missing'].includes(failure);
}

/** Returns what an error of node-rdkafka means; `undefined` if it is not known. */
export function failureOf(error: unknown): Failure | undefined {
  if (!hasMessage(error)) return undefined;
  const byCode = typeof error.code === 'number' ? failureByCode.get(error.code) : undefined;
  return byCode ?? failureByText.get(error.message.toLowerCase().replace(/^(local|broker): /, ''));
}

/** Returns whether a value has a message, as errors of librdkafka have. */
export function hasMessage(value: unknown): value is { readonly message: string; readonly code?: unknown } {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}
