import type { JsonObject } from '@preservarium/core';
import type { ReportOutcome } from '@preservarium/deliverer';

/** What a connector asks of the settings of devices. What `createSettings` of `@preservarium/settings` gives has all of it. */
export interface SettingsStore {
  /** What is known of the device, at once and without looking further: it is asked at each message of a device. */
  getSettings(deviceId: string): SyncedSettings | undefined;
  /** Calls the listener at each change until the returned function is called. */
  onChange(listener: (settings: SyncedSettings) => void): () => void;
  /** Those of the devices that lack something of what is desired. */
  outOfSync(): Iterable<SyncedSettings>;
  /**
   * Merges the patch (RFC 7396) into what the device has reported. Resolves with what became of it: `kept` once Kafka has it. Retries
   * while Kafka is unavailable, in the order of the calls for a device, so that no older report overtakes a newer one. Rejects with a coded
   * error when it cannot write the report, or at the deadline.
   */
  reportSettings(
    deviceId: string,
    patch: JsonObject,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ReportOutcome>;
  /** Resolves when it is closed; rejects with a coded error when it cannot go on. */
  readonly closed: Promise<void>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** The settings of one device, as far as they concern a connector. */
export interface SyncedSettings {
  readonly deviceId: string;
  /** The protocol whose connector brings them to the device. */
  readonly protocol: string;
  /** Passed on to the device side. */
  readonly metadata: JsonObject;
  /** Grows with each change of what is desired; undefined where nothing is. */
  readonly desiredVersion?: number | undefined;
  /** Grows with each change of what the device has reported; undefined where it has reported nothing. */
  readonly reportedVersion?: number | undefined;
  /** What the device has otherwise than desired, as a merge patch; `{}` where it is in sync. */
  readonly difference: JsonObject;
}
