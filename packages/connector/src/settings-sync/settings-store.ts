import type { SignatureCounts } from '@preservarium/backend';
import type { JsonObject } from '@preservarium/core';
import type { ReportOutcome } from '@preservarium/deliverer';

/** The settings of devices, as a connector needs them. Implemented by `createSettings` of `@preservarium/settings`. */
export interface SettingsStore {
  /** Returns the settings of the device, synchronously and fast: it is called for each message of a device. */
  getSettings(deviceId: string): SyncedSettings | undefined;
  /** Calls the listener with each change until the returned function is called. */
  onChange(listener: (settings: SyncedSettings) => void): () => void;
  /** Returns the devices with a difference. Settings may change during the iteration. */
  outOfSync(): Iterable<SyncedSettings>;
  /**
   * Merges the patch (RFC 7396) into what the device has reported. Resolves with the outcome: `kept` once Kafka has it. Retries
   * while Kafka is unavailable, in the order of the calls for a device, so that no older report overtakes a newer one. Rejects with a coded
   * error when it cannot write the report, or at the deadline.
   */
  reportSettings(
    deviceId: string,
    patch: JsonObject,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ReportOutcome>;
  /** With `report`, settings count without the signature that they need; undefined where they need none. */
  readonly signatureMode?: 'report' | 'enforce' | undefined;
  /** Returns counts since the start. */
  status?(): { readonly signatures?: SignatureCounts };
  /** Resolves after `close`; rejects with a coded error when the settings cannot be read any longer. */
  readonly closed: Promise<void>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** The settings of one device, as a connector needs them. */
export interface SyncedSettings {
  readonly deviceId: string;
  /** The protocol whose connector brings them to the device. */
  readonly protocol: string;
  /** The issuer of the desired settings; the commands carry it. */
  readonly issuedBy?: string | undefined;
  /** Passed on to the device side. */
  readonly metadata: JsonObject;
  /** Grows with each change of the desired settings; undefined if there are none. */
  readonly desiredVersion?: number | undefined;
  /** Grows with each change of the reported settings; undefined if there are none. */
  readonly reportedVersion?: number | undefined;
  /** Merge patch from the reported to the desired settings; `{}` if the device is in sync. */
  readonly difference: JsonObject;
}
