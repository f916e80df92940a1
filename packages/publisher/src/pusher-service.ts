import type {
  Logger,
  PublisherBackend,
  PublishReceipt,
  RecordSigner,
  WireFormat,
} from '@preservarium/backend';
import type {
  CancellationInput,
  CommandInput,
  CommandMessage,
  DeviceSettingsInput,
  PusherError,
  TopicPolicy,
} from '@preservarium/core';
import type { CapabilityCheck } from './capability-check.js';

/** Sends commands and settings to devices through Kafka. */
export interface PusherService extends AsyncDisposable {
  /**
   * Connects now rather than at the first push, to find out early about wrong options.
   *
   * @throws BackendUnavailableError, AuthenticationError, AbortedError, ClosedError
   */
  connect(options?: PushOptions): Promise<void>;

  /**
   * Pushes one command. Resolves when all in-sync replicas have acknowledged it; rejects with a coded error otherwise.
   * Commands of one device are written in the order of the calls; one whose payload schema is asynchronous, from when that
   * has ended.
   *
   * @throws ValidationError, CapabilityError, MessageTooLargeError before anything is sent
   * @throws PublishTimedOutError, QueueFullError, BackendUnavailableError, AuthenticationError, AuthorizationError,
   *   TopicUnknownError, PublishFailedError, AbortedError, ClosedError
   */
  pushCommand(command: CommandInput, options?: PushOptions): Promise<PushReceipt>;

  /** {@link PusherService.pushCommand} for the snake_case form of the wire: `{ device_id, command_type, payload, protocol, ... }`. */
  pushCommandDict(command: Readonly<Record<string, unknown>>, options?: PushOptions): Promise<PushReceipt>;

  /**
   * Pushes many commands: reads the source as fast as the brokers take them, with at most `limits.maxInFlight` read and
   * not yet handed back, and gives one outcome for each, in their order. A command that fails takes no other with it.
   * Nothing is pushed until the result is iterated; leaving the loop stops the reading.
   *
   * @throws AbortedError after the outcomes of what was pushed, when the signal aborts; and whatever the source throws
   */
  pushCommands(
    commands: Iterable<CommandInput> | AsyncIterable<CommandInput>,
    options?: PushOptions,
  ): AsyncIterable<CommandOutcome>;

  /**
   * Pushes the desired settings of a device as a whole, in place of whatever is desired of it; `@preservarium/settings` changes
   * some of them, or only a certain version. Resolves and rejects as {@link PusherService.pushCommand} does.
   */
  pushSettings(
    deviceId: string,
    settings: DeviceSettingsInput['settings'],
    options?: PushOptions & Pick<DeviceSettingsInput, 'metadata' | 'requestId'>,
  ): Promise<PushReceipt>;

  /**
   * Asks the connectors to cancel a command. They do so if it has not been dispatched; whether it was in time is not known
   * here: the command's lifecycle event says `cancelled`, or the state that it reached instead. Resolves when the brokers have the
   * request, and rejects as {@link PusherService.pushCommand} does.
   */
  cancelCommand(command: Omit<CancellationInput, 'timestamp'>, options?: PushOptions): Promise<PushReceipt>;

  /**
   * Rejects new pushes, sends what is queued, and closes the backend. Pushes without an acknowledgement at the deadline fail with `CLOSED`.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

export interface PusherServiceOptions {
  /** The Kafka client to publish with; the service closes it. */
  readonly backend: PublisherBackend;
  /** Topic of a command: a name, or a function of the command. Default `device_commands`. */
  readonly commandTopic?: string | ((command: CommandMessage) => string);
  /** The form of commands in Kafka: `createHonoFormat` of `@preservarium/hono` makes one. Default: the envelope of `@preservarium/core`. */
  readonly format?: Pick<WireFormat, 'encodeCommand'>;
  /** Topic of settings. Default `device_settings`. */
  readonly settingsTopic?: string;
  /** Topic of commands that wait for their devices, where the connectors read cancellations too. Default `device_commands_waiting`. */
  readonly waitingTopic?: string;
  /** Protocols beside mqtt, coap and http that commands may name, in lower case. Default: none. */
  readonly protocols?: readonly string[];
  /** Rejects what a device cannot do, before anything is sent. Default: no check. */
  readonly capabilities?: CapabilityCheck;
  /**
   * Rejects a command over MQTT whose topic, or whose ids in it, its connector would not publish to: `createTopicPolicy` of
   * `@preservarium/core` with the connector's templates. Default: no check; the connector makes a dead letter of such a command.
   */
  readonly topicPolicy?: TopicPolicy | undefined;
  /**
   * Signs commands, cancellations and settings: `createRecordSigner` of `@preservarium/signing`. Default: they are not signed. Settings of this service have no
   * version: where signatures are required, those of `createSettings` of `@preservarium/settings` count alone.
   */
  readonly sign?: RecordSigner | undefined;
  /** Deadline of a push that names none, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  readonly limits?: PushLimits;
  /** Default: nothing is logged. Payloads never are. */
  readonly logger?: Logger;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
}

export interface PushLimits {
  /** Size of an encoded command or of encoded settings, in bytes. Default 1,000,000, just below the brokers' own default. */
  readonly maxMessageBytes?: number;
  /** Commands that `pushCommands` has read and not yet handed back. Default 20,000. */
  readonly maxInFlight?: number;
}

export interface PushOptions {
  /** Deadline in milliseconds. Default: the service's. */
  readonly timeoutMs?: number;
  /** Aborting ends the wait with `ABORTED`; what is already with the brokers may still be written. */
  readonly signal?: AbortSignal;
}

/** All in-sync replicas of the brokers have the record. It says nothing about the device. */
export interface PushReceipt extends PublishReceipt {
  readonly requestId: string;
}

/** The outcome of one command of `pushCommands`; `index` counts from 0. */
export type CommandOutcome =
  | {
      readonly ok: true;
      readonly index: number;
      readonly requestId: string;
      readonly receipt: PublishReceipt;
    }
  | { readonly ok: false; readonly index: number; readonly error: PusherError; readonly input: CommandInput };
