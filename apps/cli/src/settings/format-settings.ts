import { printable } from '@preservarium/command-line';
import { exactNumbers, type JsonObject } from '@preservarium/core';
import type { SettingsOfDevice } from '@preservarium/settings';

/** Returns the lines that `settings get` prints. */
export function formatSettings(settings: SettingsOfDevice): string[] {
  const { deviceId, protocol, desired, desiredVersion, desiredAt } = settings;
  const { reported, reportedVersion, reportedAt, difference } = settings;
  return [
    `device    ${printable(deviceId)}, ${printable(protocol)}`,
    `desired   ${formatSide(desired, desiredVersion, desiredAt)}`,
    `reported  ${formatSide(reported, reportedVersion, reportedAt)}`,
    `lacks     ${isEmpty(difference) ? 'nothing' : formatJson(difference)}`,
  ];
}

/** Returns the line that `settings watch` prints for a change. */
export function formatChange({
  deviceId,
  desiredVersion,
  reportedVersion,
  difference,
}: SettingsOfDevice): string {
  const lacks = isEmpty(difference) ? 'lacks nothing' : `lacks ${formatJson(difference)}`;
  return `${printable(deviceId)}  desired ${desiredVersion ?? '-'}  reported ${reportedVersion ?? '-'}  ${lacks}`;
}

/** Formats JSON for a terminal. */
export function formatJson(value: JsonObject): string {
  return printable(JSON.stringify(exactNumbers(value)));
}

function formatSide(document: JsonObject, version: number | undefined, at: Date | undefined): string {
  return version === undefined
    ? 'nothing'
    : `version ${version} of ${at?.toISOString()}: ${formatJson(document)}`;
}

function isEmpty(document: JsonObject): boolean {
  return Object.keys(document).length === 0;
}
