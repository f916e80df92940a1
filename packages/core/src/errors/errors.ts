import { type CauseOption, hasCode, PusherError } from './pusher-error.js';

/** The caller's `AbortSignal` ended the wait. The brokers may still write what they already have. */
export class AbortedError extends PusherError {
  /** @param operation what was aborted, for example `publish` */
  constructor(operation: string, options: CauseOption = {}) {
    super(`${operation} was aborted by its signal`, { ...options, code: 'ABORTED' });
  }

  static override isInstance(value: unknown): value is AbortedError {
    return hasCode(value, 'ABORTED');
  }
}

/** The brokers or the database rejected the credentials, or the TLS certificates do not work. */
export class AuthenticationError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'AUTHENTICATION_FAILED' });
  }

  static override isInstance(value: unknown): value is AuthenticationError {
    return hasCode(value, 'AUTHENTICATION_FAILED');
  }
}

/** The credentials are valid, but they do not permit this operation. */
export class AuthorizationError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'AUTHORIZATION_FAILED' });
  }

  static override isInstance(value: unknown): value is AuthorizationError {
    return hasCode(value, 'AUTHORIZATION_FAILED');
  }
}

/** No broker was reachable, or the connection broke and was not restored in time. */
export class BackendUnavailableError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'BACKEND_UNAVAILABLE', retryable: true });
  }

  static override isInstance(value: unknown): value is BackendUnavailableError {
    return hasCode(value, 'BACKEND_UNAVAILABLE');
  }
}

/** The Kafka client that a backend needs is not installed, or was built for another version of Node. */
export class ClientNotInstalledError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'CLIENT_NOT_INSTALLED' });
  }

  static override isInstance(value: unknown): value is ClientNotInstalledError {
    return hasCode(value, 'CLIENT_NOT_INSTALLED');
  }
}

/** The service or the backend was closed before this call. */
export class ClosedError extends PusherError {
  /** @param what what is closed, for example `the pusher service` */
  constructor(what: string, options: CauseOption = {}) {
    super(`${what} is closed; create a new one`, { ...options, code: 'CLOSED' });
  }

  static override isInstance(value: unknown): value is ClosedError {
    return hasCode(value, 'CLOSED');
  }
}

/** An option has a value that cannot work. The message names the option, the problem and an example. */
export class ConfigurationError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'CONFIGURATION_INVALID' });
  }

  static override isInstance(value: unknown): value is ConfigurationError {
    return hasCode(value, 'CONFIGURATION_INVALID');
  }
}

/** The brokers rejected a record for a reason that has no code of its own; `cause` is the client's error. */
export class PublishFailedError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'PUBLISH_FAILED' });
  }

  static override isInstance(value: unknown): value is PublishFailedError {
    return hasCode(value, 'PUBLISH_FAILED');
  }
}

/**
 * The queue of records stayed full until the deadline: records arrive faster than the brokers take them. Or a reader of lifecycle
 * events or of changed settings fell too far behind.
 */
export class QueueFullError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'QUEUE_FULL', retryable: true });
  }

  static override isInstance(value: unknown): value is QueueFullError {
    return hasCode(value, 'QUEUE_FULL');
  }
}

/** The database of a command store failed for a reason that has no code of its own; `cause` is the database's error. */
export class StoreFailedError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'STORE_FAILED' });
  }

  static override isInstance(value: unknown): value is StoreFailedError {
    return hasCode(value, 'STORE_FAILED');
  }
}

/** The database of a command store was not reachable, or did not answer in time. */
export class StoreUnavailableError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'STORE_UNAVAILABLE', retryable: true });
  }

  static override isInstance(value: unknown): value is StoreUnavailableError {
    return hasCode(value, 'STORE_UNAVAILABLE');
  }
}

/** A subscription stopped and could not be restarted; `cause` is the client's last error. */
export class SubscriptionFailedError extends PusherError {
  constructor(message: string, options: CauseOption = {}) {
    super(message, { ...options, code: 'SUBSCRIPTION_FAILED' });
  }

  static override isInstance(value: unknown): value is SubscriptionFailedError {
    return hasCode(value, 'SUBSCRIPTION_FAILED');
  }
}
