import { ConfigurationError, SettingsConflictError } from '@preservarium/core';
import type { Devices } from './devices.js';
import type { Following } from './follow-topics.js';
import { noVersion } from './is-accepted.js';
import { pushChange } from './push-change.js';
import type { ResolvedOptions } from './resolve-options.js';
import type { Settings, SettingsOptions } from './settings.js';
import type { SettingsSide } from './settings-side.js';

export interface PushSettingsDependencies {
  /** Says which settings a device takes. */
  readonly checks: Pick<SettingsOptions, 'capabilities' | 'topicPolicy'>;
  readonly resolved: Pick<ResolvedOptions, 'maxDocumentBytes' | 'timeoutMs' | 'clock'>;
  readonly devices: Pick<Devices, 'accepted' | 'hasRoom' | 'isKnown' | 'limit'>;
  readonly desired: Pick<SettingsSide, 'write' | 'endsVoid' | 'mendNow'>;
  readonly following: Pick<Following, 'catchUp'>;
  /** @throws the error with which the settings ended */
  assertRunning(): void;
}

/** Returns the function that changes desired settings: see `Settings.pushSettings`. */
export function createPushSettings(dependencies: PushSettingsDependencies): Settings['pushSettings'] {
  const { resolved, devices, desired, following } = dependencies;
  const { capabilities, topicPolicy } = dependencies.checks;
  const { maxDocumentBytes, clock } = resolved;

  function assertRoom(deviceId: string): void {
    if (devices.hasRoom('desired', deviceId) && devices.isKnown('desired', deviceId)) return;
    throw new ConfigurationError(
      `no room for settings of device "${deviceId}" (${devices.limit()}): raise it, and the memory or disk with it`,
    );
  }

  return async (deviceId, patch, { timeoutMs = resolved.timeoutMs, signal, ...push } = {}) => {
    dependencies.assertRunning();
    const endMs = performance.now() + timeoutMs;
    const { requestId, change } = pushChange(deviceId, patch, push, {
      capabilities,
      topicPolicy,
      maxDocumentBytes,
      nowMs: clock(),
    });
    assertRoom(deviceId);
    const current = devices.accepted('desired', deviceId)?.version ?? noVersion;
    // Another process may have seen a version that has not arrived here.
    if (push.ifVersion !== undefined && push.ifVersion > current) {
      await following.catchUp({ timeoutMs, signal });
    }
    try {
      const options = { timeoutMs: endMs - performance.now(), signal };
      const accepted = await desired.write(deviceId, change, options);
      return {
        requestId,
        version: accepted?.version ?? noVersion,
        desired: accepted?.settings.settings ?? {},
      };
    } catch (error) {
      // If several pushes are rejected, the last of them writes the current settings again.
      if (SettingsConflictError.isInstance(error) && desired.endsVoid(deviceId, requestId)) {
        await desired.mendNow(deviceId, endMs - performance.now());
      }
      throw error;
    }
  };
}
