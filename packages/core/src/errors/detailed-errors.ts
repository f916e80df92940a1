import { maxIssues } from '../limits.js';
import { cutText } from '../models/cut-text.js';
import { describeIssues } from '../models/describe-issues.js';
import type { JsonObject } from '../models/json-value.js';
import type { Lifecycle } from '../models/lifecycle.js';
import type { CommandState } from '../models/lifecycle-event.js';
import { type CauseOption, hasCode, PusherError } from './pusher-error.js';
import type { ValidationIssue } from './validation-error.js';

const maxNameCharacters = 256;

/** One way in which a command, settings or a result do not match the capabilities of the device. */
export interface CapabilityIssue extends ValidationIssue {
  /**
   * The broken rule: the place of a keyword in the JSON Schema, such as `#/properties/state/enum`; or `devices`, `types`, `commands`,
   * `settings` for a name that is not among them.
   */
  readonly rule: string;
}

/** The device does not support this. `issues` has the first 20 broken rules with their places; nothing was sent. */
export class CapabilityError extends PusherError {
  readonly deviceId: string;
  readonly issues: readonly CapabilityIssue[];

  constructor(deviceId: string, issues: readonly CapabilityIssue[], options: CauseOption = {}) {
    const device = cutText(deviceId, maxNameCharacters);
    super(`device "${device}" does not support this: ${describeIssues(issues)}`, {
      ...options,
      code: 'CAPABILITY_MISMATCH',
    });
    this.deviceId = deviceId;
    this.issues = issues.slice(0, maxIssues);
  }

  static override isInstance(value: unknown): value is CapabilityError {
    return hasCode(value, 'CAPABILITY_MISMATCH');
  }
}

/** A command that was waited for ended in another state, or the answer of the device does not match the command. */
export class CommandFailedError extends PusherError {
  /** The history of the command. */
  readonly lifecycle: Lifecycle;

  constructor(message: string, options: { readonly lifecycle: Lifecycle } & CauseOption) {
    super(message, { cause: options.cause, code: 'COMMAND_FAILED' });
    this.lifecycle = options.lifecycle;
  }

  static override isInstance(value: unknown): value is CommandFailedError {
    return hasCode(value, 'COMMAND_FAILED');
  }
}

/** The encoded record is larger than a limit of this service or of the brokers. */
export class MessageTooLargeError extends PusherError {
  /** Size of the encoded value, in bytes. */
  readonly sizeBytes: number;
  /** The exceeded limit, in bytes; undefined if only the broker knows it. */
  readonly maxBytes: number | undefined;

  constructor(sizeBytes: number, options: { readonly maxBytes?: number } & CauseOption = {}) {
    const limit =
      options.maxBytes === undefined
        ? "more than the topic's max.message.bytes allows"
        : `the limit is ${options.maxBytes} bytes`;
    super(`the record has ${sizeBytes} bytes, ${limit}; send less, or a reference to the data`, {
      cause: options.cause,
      code: 'MESSAGE_TOO_LARGE',
    });
    this.sizeBytes = sizeBytes;
    this.maxBytes = options.maxBytes;
  }

  static override isInstance(value: unknown): value is MessageTooLargeError {
    return hasCode(value, 'MESSAGE_TOO_LARGE');
  }
}

/** The brokers did not acknowledge a record before its deadline. */
export class PublishTimedOutError extends PusherError {
  /** The time that the push was allowed to take, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * `true` if the brokers had received the record: it may be in the topic or appear there later. `false` if it was still queued and
   * will never be sent.
   */
  readonly mayBeWritten: boolean;

  constructor(timeoutMs: number, options: { readonly mayBeWritten: boolean } & CauseOption) {
    const state = options.mayBeWritten
      ? 'it may still be written: push again with the same requestId'
      : 'it was still queued and will not be sent';
    super(`the brokers did not acknowledge the record within ${Math.round(timeoutMs)} ms; ${state}`, {
      cause: options.cause,
      code: 'PUBLISH_TIMED_OUT',
      retryable: true,
    });
    this.timeoutMs = timeoutMs;
    this.mayBeWritten = options.mayBeWritten;
  }

  static override isInstance(value: unknown): value is PublishTimedOutError {
    return hasCode(value, 'PUBLISH_TIMED_OUT');
  }
}

/** An idempotency key was used again for another request; nothing was sent. */
export class RequestConflictError extends PusherError {
  readonly key: string;

  constructor(key: string, options: CauseOption = {}) {
    super(
      `the idempotency key "${cutText(key, maxNameCharacters)}" belongs to another request: use a new key for each request`,
      { ...options, code: 'REQUEST_CONFLICT' },
    );
    this.key = key;
  }

  static override isInstance(value: unknown): value is RequestConflictError {
    return hasCode(value, 'REQUEST_CONFLICT');
  }
}

/** Settings were pushed for a version that is not the current one; they were not applied. */
export class SettingsConflictError extends PusherError {
  readonly deviceId: string;
  /** The current version of the device's settings; -1 if it has none. */
  readonly version: number;
  /** The desired settings of that version. */
  readonly settings: JsonObject;

  constructor(
    deviceId: string,
    ifVersion: number,
    current: { readonly version: number; readonly settings: JsonObject },
    options: CauseOption = {},
  ) {
    super(
      `the settings of "${cutText(deviceId, maxNameCharacters)}" have version ${current.version}, not ${ifVersion}: ` +
        `read the current settings and push again for version ${current.version}`,
      { ...options, code: 'SETTINGS_CONFLICT' },
    );
    this.deviceId = deviceId;
    this.version = current.version;
    this.settings = current.settings;
  }

  static override isInstance(value: unknown): value is SettingsConflictError {
    return hasCode(value, 'SETTINGS_CONFLICT');
  }
}

/** A topic of that name already exists; it was not changed. */
export class TopicExistsError extends PusherError {
  readonly topic: string;

  constructor(topic: string, options: CauseOption = {}) {
    super(`topic "${cutText(topic, maxNameCharacters)}" already exists`, {
      ...options,
      code: 'TOPIC_EXISTS',
    });
    this.topic = topic;
  }

  static override isInstance(value: unknown): value is TopicExistsError {
    return hasCode(value, 'TOPIC_EXISTS');
  }
}

/** The topic or its partition does not exist, and the brokers do not create it on their own. */
export class TopicUnknownError extends PusherError {
  readonly topic: string;
  /** The missing partition; undefined if the topic itself does not exist. */
  readonly partition: number | undefined;

  constructor(topic: string, options: { readonly partition?: number } & CauseOption = {}) {
    const { partition, cause } = options;
    const name = cutText(topic, maxNameCharacters);
    super(
      partition === undefined
        ? `topic "${name}" does not exist; create it with "npx @preservarium/cli topics create ${name}" or with createTopic of the backend`
        : `topic "${name}" has no partition ${partition}; name an existing one, or none to let the key decide`,
      { cause, code: 'TOPIC_UNKNOWN' },
    );
    this.topic = topic;
    this.partition = partition;
  }

  static override isInstance(value: unknown): value is TopicUnknownError {
    return hasCode(value, 'TOPIC_UNKNOWN');
  }
}

/** A command did not reach the awaited state before the deadline. It is still processed. */
export class WaitTimedOutError extends PusherError {
  /** The time that the wait was allowed to take, in milliseconds. */
  readonly timeoutMs: number;
  /** The history of the command so far; undefined if no event was received, not even the brokers' acknowledgement. */
  readonly lifecycle: Lifecycle | undefined;

  constructor(
    until: CommandState,
    timeoutMs: number,
    options: { readonly lifecycle?: Lifecycle | undefined } & CauseOption = {},
  ) {
    const state = options.lifecycle?.state;
    const lastState = state === undefined ? 'no event received' : `last state: ${state}`;
    super(
      `command did not reach \`${until}\` within ${Math.round(timeoutMs)} ms (${lastState}); it may still complete`,
      {
        cause: options.cause,
        code: 'WAIT_TIMED_OUT',
      },
    );
    this.timeoutMs = timeoutMs;
    this.lifecycle = options.lifecycle;
  }

  static override isInstance(value: unknown): value is WaitTimedOutError {
    return hasCode(value, 'WAIT_TIMED_OUT');
  }
}
