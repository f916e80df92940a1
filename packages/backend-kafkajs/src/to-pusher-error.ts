import {
  AuthenticationError,
  AuthorizationError,
  BackendUnavailableError,
  ConfigurationError,
  MessageTooLargeError,
  PusherError,
  TopicUnknownError,
} from '@preservarium/core';

export interface ErrorContext {
  /** What was being done, for the message: `publish to "device_commands"`. */
  readonly doing: string;
  readonly topic?: string;
  /** Size of the record's value. */
  readonly sizeBytes?: number;
  /** Why the client's last connection broke, which kafkajs' own error often does not say. */
  readonly connectionFailure?: Error | undefined;
  /** Makes the error of a failure that has no code of its own. */
  otherwise(message: string, options: { readonly cause: unknown }): PusherError;
}

const refusedSettings = new Set([
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

/** kafkajs' error as a coded one. kafkajs wraps what happened, also several times: the innermost that tells most counts. */
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
  if (refusedSettings.has(type)) return new ConfigurationError(message, { cause });
  if (outOfReach.has(error.name) || (error.name === 'KafkaJSProtocolError' && error.retriable === true)) {
    return new BackendUnavailableError(`${message}; check the brokers' addresses and that they run`, {
      cause,
    });
  }
  return undefined;
}

/** Whether the brokers refused a batch for the size of it or of a record in it, so that nothing of it is written. */
export function isRefusedForSize(cause: unknown): boolean {
  return withCauses(cause).some(({ type = '' }) => isTooLarge(type));
}

function isTooLarge(type: string): boolean {
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

function isAuthenticationFailure(error: ClientError): boolean {
  return (
    error.name === 'KafkaJSSASLAuthenticationError' ||
    error.type === 'SASL_AUTHENTICATION_FAILED' ||
    error.type === 'UNSUPPORTED_SASL_MECHANISM' ||
    isCertificateFailure(error)
  );
}

/** Whether TLS could not be set up because one side does not accept the other's certificate. */
export function isCertificateFailure(error: Error): boolean {
  const { code } = error as ClientError;
  return (
    typeof code === 'string' &&
    /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_|ERR_SSL_\w*(ALERT|CERTIFICATE))/.test(
      code,
    )
  );
}

/** What kafkajs' errors carry, each only some of it. */
interface ClientError extends Error {
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly errors?: readonly unknown[];
}

function withCauses(error: unknown): ClientError[] {
  const found = new Set<ClientError>();
  const visit = (value: unknown): void => {
    if (!(value instanceof Error) || found.has(value)) return;
    const clientError: ClientError = value;
    found.add(clientError);
    visit(clientError.cause);
    for (const inner of clientError.errors ?? []) visit(inner);
  };
  visit(error);
  return [...found].reverse();
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
