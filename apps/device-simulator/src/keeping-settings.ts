import { applyMergePatch, isJsonObject, type JsonObject } from '@preservarium/core';
import type { Execute } from './device.js';

/** Wraps `execute` so that devices keep their settings: the result of a settings command is all settings of the device. */
export function keepingSettings(execute: Execute): Execute {
  const settingsOf = new Map<string, JsonObject>();
  return async (command, signal) => {
    const answer = await execute(command, signal);
    const { deviceId, commandType, payload } = command;
    if (commandType !== 'settings' || answer.status !== 'succeeded') return answer;
    if (!isJsonObject(payload)) return { status: 'rejected', reason: 'settings are a JSON object' };
    const settings = applyMergePatch(settingsOf.get(deviceId) ?? {}, payload);
    settingsOf.set(deviceId, settings);
    return { status: 'succeeded', result: settings };
  };
}
