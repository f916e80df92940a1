import {
  AuthenticationError,
  AuthorizationError,
  BackendUnavailableError,
  ConfigurationError,
  MessageTooLargeError,
  PusherError,
  TopicUnknownError,
} from '@preservarium/core';
import {
  type ClientError,
  isAuthenticationFailure,
  isCertificateFailure,
  isTooLarge,
  withCauses,
} from './kafkajs-failures.js';

export interface ErrorContext {
  /** The operation that failed, for the message: `publish to "device_commands"`. */
  readonly doing: string;
  readonly topic?: string;
  /** Size of the record's value. */
  readonly sizeBytes?: number;
  /** The reason for which the client's last connection broke; kafkajs' own error often does not say. */
  readonly connectionFailure?: Error | undefined;
  /** Makes the error of a failure that has no code of its own. */
  otherwise(message: string, options: { readonly cause: unknown }): PusherError;
}

const rejectedOptions = new Set([
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_REPLICA_ASSIGNMENT',
  'INVALID_REQUEST',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
]);

const outOfReach = new Set([
  'KafkaJSBrokerNotFound',
  'KafkaJSConnectionClosedError',
  'KafkaJSConnectionError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSTimeout',
  'KafkaJSTopicMetadataNotLoaded',
]);

/** Message of a plain error of kafkajs: the connection broke and is not made anew yet. */
const notConnected = 'Broker not connected';

/** Returns the coded error for an error of kafkajs, which is kept as its cause. The innermost error with a code counts. */
export function toPusherError(cause: unknown, context: ErrorContext): PusherError {
  const errors = withCauses(cause);
  const { connectionFailure } = context;
  if (connectionFailure !== undefined && isCertificateFailure(connectionFailure)) {
    return new AuthenticationError(`cannot ${context.doing}: ${connectionFailure.message}`, {
      cause: connectionFailure,
    });
  }
  const coded = errors.find(PusherError.isInstance);
  if (coded !== undefined) return coded;
  for (const error of errors) {
    const found = toCodedError(error, cause, context);
    if (found !== undefined) return found;
  }
  return context.otherwise(`cannot ${context.doing}: ${messageOf(cause)}`, { cause });
}

function toCodedError(error: ClientError, cause: unknown, { doing, topic, sizeBytes }: ErrorContext) {
  const message = `cannot ${doing}: ${error.message}`;
  const type = error.type ?? '';
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && topic !== undefined)
    return new TopicUnknownError(topic, { cause });
  if (isTooLarge(type)) return new MessageTooLargeError(sizeBytes ?? 0, { cause });
  if (type.endsWith('_AUTHORIZATION_FAILED')) return new AuthorizationError(message, { cause });
  if (isAuthenticationFailure(error)) return new AuthenticationError(message, { cause });
  if (rejectedOptions.has(type)) return new ConfigurationError(message, { cause });
  const mayPass = error.name === 'KafkaJSProtocolError' && error.retriable === true;
  if (outOfReach.has(error.name) || error.message === notConnected || mayPass) {
    return new BackendUnavailableError(`${message}; check the brokers' addresses and that they run`, {
      cause,
    });
  }
  return undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
