import {
  AbortedError,
  AuthenticationError,
  AuthorizationError,
  BackendUnavailableError,
  ClientNotInstalledError,
  ClosedError,
  ConfigurationError,
  MessageTooLargeError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
  type PusherErrorCode,
  QueueFullError,
  SubscriptionFailedError,
  TopicExistsError,
  TopicUnknownError,
  ValidationError,
} from '../src/index.js';

/** TypeScript sees that no code is missing here, and none too many. */
export const oneErrorOfEachCode = (options: { readonly cause?: unknown } = {}) =>
  ({
    ABORTED: new AbortedError('publish', options),
    AUTHENTICATION_FAILED: new AuthenticationError('the password is wrong', options),
    AUTHORIZATION_FAILED: new AuthorizationError('not allowed to write', options),
    BACKEND_UNAVAILABLE: new BackendUnavailableError('no broker answers', options),
    CLIENT_NOT_INSTALLED: new ClientNotInstalledError('install kafkajs', options),
    CLOSED: new ClosedError('the pusher service', options),
    CONFIGURATION_INVALID: new ConfigurationError('brokers is empty', options),
    MESSAGE_TOO_LARGE: new MessageTooLargeError(1_048_577, { maxBytes: 1_000_000, ...options }),
    PUBLISH_FAILED: new PublishFailedError('the brokers refused it', options),
    PUBLISH_TIMED_OUT: new PublishTimedOutError(30_000, { mayBeWritten: true, ...options }),
    QUEUE_FULL: new QueueFullError('no room within 30000 ms', options),
    SUBSCRIPTION_FAILED: new SubscriptionFailedError('restarted 5 times', options),
    TOPIC_EXISTS: new TopicExistsError('device_commands', options),
    TOPIC_UNKNOWN: new TopicUnknownError('device_commands', options),
    VALIDATION_FAILED: new ValidationError('command', [{ path: 'qos', message: 'must be 0' }], options),
  }) satisfies Record<PusherErrorCode, PusherError>;
