import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '@preservarium/backend';
import { settingsRequestId } from '@preservarium/connector';
import type { JsonObject, JsonValue } from '@preservarium/core';
import { createSettings, type Settings } from '@preservarium/settings';
import { type DemoDevices, deviceIds } from './devices.js';
import { topics } from './topics.js';

/** Settings that change while their device is unreachable. */
export interface SettingsOutcome {
  readonly deviceId: string;
  readonly pushedWith: string;
  readonly changes: readonly JsonObject[];
  /** Settings that the device received. */
  readonly sent: readonly JsonValue[];
  /** Settings that the device reports. */
  readonly reported: JsonObject;
}

const deviceId = deviceIds.httpSettings;
const changes = [{ target: 19 }, { target: 21 }];
const timeoutMs = 20_000;

/** Opens the settings of the demo's topics; closing them leaves the backend open. */
export function openSettings(backend: Backend): Promise<Settings> {
  return createSettings({
    backend,
    settingsTopic: topics.settings,
    reportedTopic: topics.reportedSettings,
    commandTopic: topics.commands,
  });
}

/** Opens the settings with a backend of their own, as an application does; closing them closes the backend. */
export async function followSettings(backend: Backend): Promise<Settings> {
  const settings = await openSettings(backend);
  return {
    ...settings,
    async [Symbol.asyncDispose]() {
      await settings.close();
      await backend.close({ timeoutMs: 10_000 });
    },
  };
}

/**
 * Changes the settings of an unreachable device.
 *
 * @returns request id of the settings command of the last change
 */
export async function changeSettings(settings: Settings): Promise<string> {
  // Clears the report of an earlier run: the device starts without settings.
  await settings.reportSettings(deviceId, { target: null });
  for (const change of changes) await settings.pushSettings(deviceId, change, { protocol: 'http' });
  return settingsRequestId({ ...settings.getSettings(deviceId), deviceId });
}

/** Waits until the device reports the desired settings, at most 20 s. */
export async function untilInSync(
  settings: Settings,
  devices: Pick<DemoDevices, 'settingsSent'>,
  pushedWith: string,
): Promise<SettingsOutcome> {
  await followUntilInSync(settings, AbortSignal.timeout(timeoutMs));
  const { reported = {} } = settings.getSettings(deviceId) ?? {};
  return { deviceId, pushedWith, changes, sent: devices.settingsSent(deviceId), reported };
}

async function followUntilInSync(settings: Settings, signal: AbortSignal): Promise<void> {
  for await (const { difference } of settings.watchSettings({ deviceId, signal })) {
    if (Object.keys(difference).length === 0) return;
  }
}

/** Returns the difference from the expected outcome; undefined if there is none. */
export function findSettingsProblem({ sent, reported }: SettingsOutcome): string | undefined {
  const last = changes.at(-1);
  if (!isDeepStrictEqual(sent, [last]))
    return `was sent ${JSON.stringify(sent)} instead of the last change alone`;
  if (!isDeepStrictEqual(reported, last))
    return `reports ${JSON.stringify(reported)} instead of the desired settings`;
  return undefined;
}
