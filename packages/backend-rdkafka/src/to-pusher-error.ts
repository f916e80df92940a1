import {
  AuthenticationError,
  AuthorizationError,
  BackendUnavailableError,
  ConfigurationError,
  MessageTooLargeError,
  PublishFailedError,
  PublishTimedOutError,
  PusherError,
  TopicExistsError,
  TopicUnknownError,
} from '@preservarium/core';
import { failureOf, hasMessage } from './rdkafka-failures.js';

/** The subject of an operation, as far as it is known. */
export interface ErrorContext {
  readonly topic?: string;
  readonly groupId?: string;
  readonly partition?: number | undefined;
  readonly sizeBytes?: number;
  readonly timeoutMs?: number;
  /** Makes the error of a failure that has no code of its own. Default: `PUBLISH_FAILED`. */
  otherwise?(message: string, options: { readonly cause: unknown }): PusherError;
}

/** Returns the coded error for an error of node-rdkafka, which is kept as its cause. */
export function toPusherError(cause: unknown, context: ErrorContext = {}): PusherError {
  if (PusherError.isInstance(cause)) return cause;
  const { topic = 'unknown', partition, sizeBytes = 0, timeoutMs = 0, otherwise = publishFailed } = context;
  const text = cause instanceof Error || hasMessage(cause) ? cause.message : String(cause);
  switch (failureOf(cause)) {
    case 'authentication':
      return new AuthenticationError(`the brokers refused the credentials or the TLS setup: ${text}`, {
        cause,
      });
    case 'authorization':
      return new AuthorizationError(`the brokers do not allow this${subjectOf(context)}: ${text}`, { cause });
    case 'client broken':
      return new BackendUnavailableError(
        `the client stopped and is replaced by a new one, try again: ${text}`,
        { cause },
      );
    case 'configuration':
      return new ConfigurationError(`the brokers do not accept the topic "${topic}": ${text}`, { cause });
    case 'timed out':
      // The report does not say whether the record had been sent before: it may have been.
      return new PublishTimedOutError(timeoutMs, { mayBeWritten: true, cause });
    case 'too large':
      return new MessageTooLargeError(sizeBytes, { cause });
    case 'topic exists':
      return new TopicExistsError(topic, { cause });
    case 'partition unknown':
      return new TopicUnknownError(topic, { ...(partition !== undefined && { partition }), cause });
    case 'topic unknown':
      return new TopicUnknownError(topic, { cause });
    case 'unavailable':
      return new BackendUnavailableError(`the brokers cannot be reached: ${text}`, { cause });
    default:
      return otherwise(`the brokers refused it: ${text}`, { cause });
  }
}

function publishFailed(message: string, options: { readonly cause: unknown }): PublishFailedError {
  return new PublishFailedError(message, options);
}

function subjectOf({ topic, groupId }: ErrorContext): string {
  const names = [
    ...(topic === undefined ? [] : [`the topic "${topic}"`]),
    ...(groupId === undefined ? [] : [`the group "${groupId}"`]),
  ];
  return names.length === 0 ? '' : ` with ${names.join(' and ')}`;
}
