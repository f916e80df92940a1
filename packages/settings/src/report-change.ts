import { isDeepStrictEqual } from 'node:util';
import { applyMergePatch, parseSettings } from '@preservarium/core';
import type { Change } from './settings-writer.js';

/**
 * The change that a device's report makes, if any.
 *
 * @throws ValidationError
 */
export function reportChange(
  deviceId: string,
  patch: Readonly<Record<string, unknown>>,
  { nowMs }: { readonly nowMs: number },
): Change {
  const report = parseSettings({ deviceId, settings: patch, timestamp: nowMs });
  return (current) => {
    const before = current?.settings.settings ?? {};
    const settings = applyMergePatch(before, report.settings);
    return isDeepStrictEqual(settings, before) ? undefined : { ...report, settings };
  };
}
