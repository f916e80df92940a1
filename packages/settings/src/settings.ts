import type { Backend, Logger } from '@preservarium/backend';
import type { FeedReader } from '@preservarium/concurrency';
import type { DeviceSettingsInput, JsonObject } from '@preservarium/core';
import type { CapabilityCheck } from '@preservarium/publisher';

/** The settings of devices: what is desired, what the devices report, and where the two differ. */
export interface Settings extends AsyncDisposable {
  /**
   * Changes what is desired of a device by a JSON merge patch (RFC 7396): null removes a key, an object is merged, all else
   * replaces what is there. Resolves when Kafka has the change and no other has come in between; where one has, the patch is
   * applied to that and written again, until the deadline. Changes of one device are made one after another.
   *
   * @throws ValidationError, CapabilityError, MessageTooLargeError before anything is changed
   * @throws SettingsConflictError where `ifVersion` is not the current version
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
   * larger than `limits.maxDocumentBytes`, or at `limits.maxDevices`. It resolves with `later` where more than 16 reports of the
   * device wait already. While Kafka is unavailable it retries, until the deadline.
   *
   * @throws ValidationError, AbortedError, ClosedError
   * @throws PublishTimedOutError or the error of the last try, at the deadline; the report is written all the same if it can be
   * @throws AuthenticationError, AuthorizationError, TopicUnknownError, PublishFailedError
   */
  reportSettings(
    deviceId: string,
    patch: DeviceSettingsInput['settings'],
    options?: SettingsWaitOptions,
  ): Promise<ReportedSettings>;

  /** What is known of the device now; undefined where nothing is. */
  getSettings(deviceId: string): SettingsOfDevice | undefined;

  /**
   * Iterates over changes, desired and reported, as `SettingsOfDevice`: those of one device, beginning with what is known of
   * it now, or those of all from now on. It hears of everything from this call on; 10,000 may wait to be read, then it throws
   * `QUEUE_FULL`. Leaving the loop, the signal and `close` end it.
   */
  watchSettings(filter?: {
    readonly deviceId?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): FeedReader<SettingsOfDevice>;

  /** Calls `listener` at once with each change, until the returned function is called. */
  onChange(listener: (settings: SettingsOfDevice) => void): () => void;

  /** The devices that have not reported all that is desired of them. */
  outOfSync(): Iterable<SettingsOfDevice>;

  /** Returns counts since the start, for health and metrics. */
  status(): SettingsStatus;

  /** Resolves after `close`; rejects where the topics cannot be read on. All calls fail with the same error then. */
  readonly closed: Promise<void>;

  /**
   * Fails what is under way with `CLOSED`, ends the iterations, and stops reading. The backend stays open.
   *
   * @param options.timeoutMs default 10,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** The settings of one device. */
export interface SettingsOfDevice {
  readonly deviceId: string;
  /** How the settings reach the device. `mqtt` where no push has named one. */
  readonly protocol: string;
  /** Passed through to the connectors. */
  readonly metadata: JsonObject;
  /** What is desired, as a whole. */
  readonly desired: JsonObject;
  /** Grows with each change; undefined where nothing has been desired. */
  readonly desiredVersion: number | undefined;
  readonly desiredAt: Date | undefined;
  /** What the device has reported, as a whole. */
  readonly reported: JsonObject;
  /** Grows with each change; undefined where nothing has been reported. */
  readonly reportedVersion: number | undefined;
  readonly reportedAt: Date | undefined;
  /** A merge patch with what is desired and not reported; empty where the device is in sync. */
  readonly difference: JsonObject;
}

export interface SettingsWaitOptions {
  /** Deadline in milliseconds. Default: that of `createSettings`. */
  readonly timeoutMs?: number | undefined;
  /** Aborting ends the wait with `ABORTED`; what is already with the brokers may still be written. */
  readonly signal?: AbortSignal | undefined;
}

export interface PushSettingsOptions extends SettingsWaitOptions {
  /** The version that the change is meant for; -1 for a device without settings. Default: whichever is current. */
  readonly ifVersion?: number | undefined;
  /** How the settings reach the device. Default: as before, or else `mqtt`. */
  readonly protocol?: string | undefined;
  /** Passed through to the connectors. Default: as before. */
  readonly metadata?: DeviceSettingsInput['metadata'];
  /** Names this push. Default: a new UUID version 7. */
  readonly requestId?: string | undefined;
}

/** Kafka has the change, and it counts. What the device does about it is another matter. */
export interface PushedSettings {
  readonly requestId: string;
  readonly version: number;
  /** What is desired now, as a whole. */
  readonly desired: JsonObject;
}

/** What became of a report. */
export type ReportedSettings =
  | {
      /** Kafka has the report, or it changed nothing. */
      readonly kind: 'kept';
      /** -1 where nothing has been reported. */
      readonly version: number;
      /** What the device has reported, as a whole. */
      readonly reported: JsonObject;
    }
  /** The report is not stored; sending it again does not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Kafka does not have the report yet: it may be sent again after `afterMs` milliseconds, unless there is a newer one. */
  | { readonly kind: 'later'; readonly afterMs: number };

/** What has happened since `createSettings`. */
export interface SettingsStatus {
  /** Devices whose settings are kept in memory now. */
  readonly devices: number;
  /** How often settings of a device were not kept because of `limits.maxDevices`. */
  readonly devicesNotKept: number;
  /** Records of both topics that could not be read. */
  readonly unreadableRecords: number;
  /** Reports that were refused. */
  readonly refusedReports: number;
  /** Reports that were answered with `later`. */
  readonly deferredReports: number;
}

export interface SettingsOptions {
  /** The Kafka client to use; it stays open when the settings are closed. */
  readonly backend: Backend;
  /** Topic of what is desired. Default `device_settings`. */
  readonly settingsTopic?: string;
  /** Topic of what devices report. Default `device_settings_reported`. */
  readonly reportedTopic?: string;
  /** A topic of settings that is missing is created with as many partitions as this one. Default `device_commands`. */
  readonly commandTopic?: string;
  /** Refuses what a device cannot do, before anything is written. Default: nothing is refused for that. */
  readonly capabilities?: Pick<CapabilityCheck, 'checkSettings'>;
  /**
   * Returns whether a device exists, for example `capabilities.knowsDevice`. Reports of a device that has no desired settings are stored only
   * where it returns true. What it throws counts as false. Default: no device is known.
   */
  readonly knowsDevice?: (deviceId: string) => boolean;
  readonly limits?: SettingsLimits;
  /** The consumer group, which must have no other member. Default: a new one. */
  readonly groupId?: string;
  /** Deadline of a call that names none, and how long to wait at the start while Kafka says nothing, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: nothing is logged. Settings never are. */
  readonly logger?: Logger;
  /** Milliseconds since 1970. Default: the system's clock. */
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
