import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '@preservarium/backend';
import { settingsRequestId } from '@preservarium/connector';
import type { JsonObject, JsonValue } from '@preservarium/core';
import { createSettings, type Settings } from '@preservarium/settings';
import { type DemoDevices, deviceIds } from './devices.js';
import { topics } from './topics.js';

/** Settings that change while their device is away. */
export interface SettingsOutcome {
  readonly deviceId: string;
  readonly pushedWith: string;
  readonly changes: readonly JsonObject[];
  /** What came to the device. */
  readonly sent: readonly JsonValue[];
  /** What the device says that it has. */
  readonly reported: JsonObject;
}

const deviceId = deviceIds.httpSettings;
const changes = [{ target: 19 }, { target: 21 }];
const timeoutMs = 20_000;

/** Settings in the demo's topics; closing them leaves the backend open. */
export function openSettings(backend: Backend): Promise<Settings> {
  return createSettings({
    backend,
    settingsTopic: topics.settings,
    reportedTopic: topics.reportedSettings,
    commandTopic: topics.commands,
  });
}

/** As an application would, with a client of its own, which is closed with the settings. */
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
 * Changes the settings of a device that is away.
 *
 * @returns the request id of the command that the last change becomes
 */
export async function changeSettings(settings: Settings): Promise<string> {
  // The device is new in each run, and has nothing.
  await settings.reportSettings(deviceId, { target: null });
  for (const change of changes) await settings.pushSettings(deviceId, change, { protocol: 'http' });
  return settingsRequestId({ ...settings.getSettings(deviceId), deviceId });
}

/** Waits until the device, which is there again, has what is desired, or for too long. */
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

/** What is not as it should be; undefined where all is. */
export function findSettingsProblem({ sent, reported }: SettingsOutcome): string | undefined {
  const last = changes.at(-1);
  if (!isDeepStrictEqual(sent, [last]))
    return `was sent ${JSON.stringify(sent)}, and not the last change alone`;
  if (!isDeepStrictEqual(reported, last))
    return `reports ${JSON.stringify(reported)}, and not what is desired`;
  return undefined;
}
