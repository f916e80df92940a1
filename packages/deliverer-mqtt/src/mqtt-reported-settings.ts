import type { JsonObject, TopicTemplate } from '@preservarium/core';
import { readSettingsPatch } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import { isId } from './mqtt-json-object.js';

/** The reported settings of a device. */
export type MqttReportedSettings =
  | { readonly kind: 'reported'; readonly deviceId: string; readonly patch: JsonObject }
  | { readonly kind: 'unreadable'; readonly problem: string; readonly deviceId?: string };

export interface ReportedSettingsRules {
  readonly reportedSettings: TopicTemplate;
  readonly maxAnswerBytes: number;
}

/** Reads what a device sent; undefined where the topic is none to report settings on. Never throws. */
export function readReportedSettings(
  { topic, payload, retain }: IPublishPacket,
  { reportedSettings, maxAnswerBytes }: ReportedSettingsRules,
): MqttReportedSettings | undefined {
  const deviceId = reportedSettings.read(topic)?.deviceId;
  if (deviceId === undefined) return undefined;
  if (!isId(deviceId))
    return { kind: 'unreadable', problem: 'the device id is not one that settings can have' };
  // Newer ones may have come since, which were not retained; and the device may be away.
  if (retain) return { kind: 'unreadable', problem: 'it was retained for long: a report is for once' };
  const unreadable = (problem: string) => ({ kind: 'unreadable', problem, deviceId }) as const;
  const read = readSettingsPatch(payload, { maxBytes: maxAnswerBytes });
  return read.ok ? { kind: 'reported', deviceId, patch: read.patch } : unreadable(read.problem);
}
