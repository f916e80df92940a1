import type { Backend, Logger, RecordSigner, SignatureCounts, TopicConfigs } from '@preservarium/backend';
import type { FeedReader } from '@preservarium/concurrency';
import type { DeviceSettingsInput, JsonObject, Protocol, TopicPolicy } from '@preservarium/core';
import type { CapabilityCheck } from '@preservarium/publisher';
import type { SettingsSignatures } from './settings-signatures.js';

/** The settings of devices: the desired ones, the reported ones, and the difference. */
export interface Settings extends AsyncDisposable {
  /**
   * Changes the desired settings of a device by a JSON merge patch (RFC 7396): null removes a key, an object is merged, any other value
   * replaces the old one. Resolves when Kafka has the change and no other change came in between. After a concurrent change it applies
   * the patch to the new settings and writes again, until the deadline. Changes of one device run one after another.
   *
   * @throws ValidationError, CapabilityError, MessageTooLargeError before anything is changed
   * @throws SettingsConflictError where `ifVersion` is not the current version
   * @throws AuthorizationError where `signatures` would refuse the change, before anything is written
   * @throws PublishTimedOutError, QueueFullError, BackendUnavailableError, AuthenticationError, AuthorizationError,
   *   TopicUnknownError, PublishFailedError, AbortedError, ClosedError
   */
  pushSettings(
    deviceId: string,
    patch: DeviceSettingsInput['settings'],
    options?: PushSettingsOptions,
  ): Promise<PushedSettings>;

  /**
   * Changes what a device has reported by a JSON merge patch. Resolves with `kept` when Kafka has the change, or at once where the patch
   * changes nothing. Reports that come in while an earlier one of the device waits are written together with it.
   *
   * It resolves with `refused` where the device has no desired settings and `knowsDevice` does not know it, where its document would become
   * larger than `limits.maxDocumentBytes`, or at `limits.maxDevices` or `limits.maxStoreBytes`. It resolves with `later` where more than 16 reports of the
   * device wait already. While Kafka is unavailable it retries, until the deadline.
   *
   * @throws ValidationError, AbortedError, ClosedError
   * @throws PublishTimedOutError or the error of the last try, at the deadline; the report may still be written
   * @throws AuthenticationError, AuthorizationError, TopicUnknownError, PublishFailedError
   */
  reportSettings(
    deviceId: string,
    patch: DeviceSettingsInput['settings'],
    options?: SettingsWaitOptions,
  ): Promise<ReportedSettings>;

  /** Returns the settings of the device as they are known now; undefined if there are none. */
  getSettings(deviceId: string): SettingsOfDevice | undefined;

  /** Returns the ids of the devices with desired or reported settings, in no order. */
  deviceIds(): Iterable<string>;

  /**
   * Iterates over the changes of one device, beginning with its current settings, or over the changes of all devices from now on. Throws
   * `QUEUE_FULL` when 10,000 changes, or 64 MiB of them, are unread. Leaving the loop, the signal and `close` end the iteration.
   */
  watchSettings(filter?: {
    readonly deviceId?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): FeedReader<SettingsOfDevice>;

  /** Calls `listener` synchronously with each change, until the returned function is called. */
  onChange(listener: (settings: SettingsOfDevice) => void): () => void;

  /** Returns the devices whose reported settings differ from the desired ones. */
  outOfSync(): Iterable<SettingsOfDevice>;

  /** The treatment of desired settings without the signature that they need; undefined where they need none. */
  readonly signatureMode: SettingsSignatures['mode'];

  /** Returns counts since the start, for health and metrics. */
  status(): SettingsStatus;

  /** Resolves after `close`; rejects when the topics cannot be read any longer. All later calls fail with the same error. */
  readonly closed: Promise<void>;

  /**
   * Rejects the calls in flight with `CLOSED`, ends the iterations and stops reading. The backend stays open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** The settings of one device. */
export interface SettingsOfDevice {
  readonly deviceId: string;
  /** Protocol whose connector brings the settings to the device. `mqtt` if no push has named one. */
  readonly protocol: string;
  /** Passed through to the connectors. */
  readonly metadata: JsonObject;
  /** The issuer of the newest change of the desired settings; undefined if it is not known. */
  readonly issuedBy: string | undefined;
  /** All desired settings. */
  readonly desired: JsonObject;
  /** Offset of the newest record that counts; undefined if nothing is desired. */
  readonly desiredVersion: number | undefined;
  readonly desiredAt: Date | undefined;
  /** All reported settings. */
  readonly reported: JsonObject;
  /** Offset of the newest record that counts; undefined if nothing has been reported. */
  readonly reportedVersion: number | undefined;
  readonly reportedAt: Date | undefined;
  /** Merge patch from the reported to the desired settings; empty if the device is in sync. */
  readonly difference: JsonObject;
}

export interface SettingsWaitOptions {
  /** Deadline in milliseconds. Default: that of `createSettings`. */
  readonly timeoutMs?: number | undefined;
  /** Aborting rejects the call with `ABORTED`; a record that is in flight may still be written. */
  readonly signal?: AbortSignal | undefined;
}

/** The desired settings of a device; empty if it has none. */
export interface DesiredSettings {
  readonly settings: JsonObject;
  readonly protocol: string;
}

export interface PushSettingsOptions extends SettingsWaitOptions {
  /** True: the settings are the whole document, which takes the place of the desired settings. Default: they are a merge patch. */
  readonly replaces?: boolean | undefined;
  /** Version that the change is meant for; -1 for a device without settings. Default: the current one. */
  readonly ifVersion?: number | undefined;
  /** Protocol whose connector brings the settings to the device. Default: unchanged, at first `mqtt`. */
  readonly protocol?: Protocol | undefined;
  /**
   * Called with the desired settings just before the change is applied to them, again after a concurrent change; what it throws rejects the push. For programs that
   * let others change some settings only. Default: none.
   */
  readonly assertAllowed?: ((before: DesiredSettings) => void) | undefined;
  /** Passed through to the connectors. Default: unchanged. */
  readonly metadata?: DeviceSettingsInput['metadata'];
  /** The issuer of the change, for example `key:dashboard`. Default: not known. */
  readonly issuedBy?: string | undefined;
  /** Names this push. Default: a new UUID version 7. */
  readonly requestId?: string | undefined;
}

/** Kafka has the change, and it counts. It does not say that the device has it. */
export interface PushedSettings {
  readonly requestId: string;
  readonly version: number;
  /** All desired settings, after the change. */
  readonly desired: JsonObject;
}

/** The outcome of a report. */
export type ReportedSettings =
  | {
      /** Kafka has the report, or it changed nothing. */
      readonly kind: 'kept';
      /** -1 where nothing has been reported. */
      readonly version: number;
      /** All reported settings. */
      readonly reported: JsonObject;
    }
  /** The report is not stored; sending it again does not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Kafka does not have the report yet: it may be sent again after `afterMs` milliseconds, unless there is a newer one. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** Counts since `createSettings`. */
export interface SettingsStatus {
  /** Devices whose settings are kept now. */
  readonly devices: number;
  /** How often settings of a device were not kept because of `limits.maxDevices` or `limits.maxStoreBytes`. */
  readonly devicesNotKept: number;
  /** Records of both topics that could not be read. */
  readonly unreadableRecords: number;
  /** Reports that were refused. */
  readonly refusedReports: number;
  /** Reports that were answered with `later`. */
  readonly deferredReports: number;
  /** Records of desired settings by what their signatures said; all 0 without `signatures`. */
  readonly signatures: SignatureCounts;
}

export interface SettingsOptions {
  /** Kafka client; `close` leaves it open. */
  readonly backend: Backend;
  /** Topic of the desired settings. Default `device_settings`. */
  readonly settingsTopic?: string;
  /** Topic of the reported settings. Default `device_settings_reported`. */
  readonly reportedTopic?: string;
  /** Missing settings topics are created with as many partitions as this topic. Default `device_commands`. */
  readonly commandTopic?: string;
  /** Rejects desired settings that do not fit the type of the device, before anything is written. Default: no check. */
  readonly capabilities?: Pick<CapabilityCheck, 'checkSettings'>;
  /**
   * Rejects desired settings over MQTT for a device whose id cannot stand in a topic: `createTopicPolicy` of `@preservarium/core`. Default: no
   * check; such settings never reach the device.
   */
  readonly topicPolicy?: Pick<TopicPolicy, 'problemOfIds'> | undefined;
  /**
   * Returns whether a device exists, for example `capabilities.knowsDevice`. Reports of a device that has no desired settings are stored only
   * where it returns true. An exception counts as false. Default: no device is known.
   */
  readonly knowsDevice?: (deviceId: string) => boolean;
  /** Signs desired settings: `createRecordSigner` of `@preservarium/signing`. Default: they are not signed. */
  readonly sign?: RecordSigner | undefined;
  /** The signatures that desired settings need. Default: none. */
  readonly signatures?: SettingsSignatures | undefined;
  readonly limits?: SettingsLimits;
  /**
   * Directory for a file with the settings, `settings.db`: memory holds few of them then, and the next start reads only what is new. No other process may use it. The
   * content follows from the topics: without the file, they are read from their beginning. Default: the settings are in memory.
   */
  readonly stateDir?: string | undefined;
  /**
   * Says how long Kafka keeps tombstones, for example a backend of kafkajs; used with `stateDir`. Default: `backend`, where it can; where none can, a day.
   */
  readonly topicConfigs?: TopicConfigs | undefined;
  /** Consumer group, which must have no other member. Default: a new one. */
  readonly groupId?: string;
  /** Default deadline of calls, and how long the start waits without an answer from Kafka, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Settings themselves are never logged. Default: no logging. */
  readonly logger?: Logger;
  /** Returns milliseconds since 1970. Default: the system clock. */
  readonly clock?: () => number;
}

/** Reaching a limit never ends the settings. */
export interface SettingsLimits {
  /**
   * Devices whose settings are kept. At the limit a device that only reports makes room for one with desired settings; other new devices are not
   * kept, and pushes for them are refused with `CONFIGURATION_INVALID`. Default 1,000,000.
   */
  readonly maxDevices?: number;
  /**
   * Size of the file in `stateDir` without its free pages, in bytes; beyond it, devices are kept as beyond `maxDevices`. Known devices go on, whatever their settings
   * take. Default 4 GiB.
   */
  readonly maxStoreBytes?: number;
  /**
   * Largest document of a device, desired or reported, as JSON in bytes. A larger one can only be made smaller. Pushes are refused with
   * `MESSAGE_TOO_LARGE`. Default 16,384.
   */
  readonly maxDocumentBytes?: number;
  /**
   * Bytes a second that the reports of one device may write to Kafka through this process, each record with the whole document; four
   * documents of `maxDocumentBytes` may be written at once. Reports beyond wait and are merged. Default: a quarter of `maxDocumentBytes`,
   * 4,096.
   */
  readonly reportedBytesPerSecond?: number;
}
