import type { TopicTemplate } from '@preservarium/core';
import type { DevicePresence } from '@preservarium/deliverer';
import type { IPublishPacket } from 'mqtt';
import { isId, parseJsonObject } from './mqtt-json-object.js';

export type MqttDevicePresence =
  | { readonly kind: 'presence'; readonly deviceId: string; readonly said: DevicePresence }
  | { readonly kind: 'unreadable'; readonly problem: string };

export interface PresenceRules {
  readonly presence: TopicTemplate;
  readonly presenceField: string | undefined;
  readonly presentWords: ReadonlySet<string>;
  readonly awayWords: ReadonlySet<string>;
}

/** Reads what a device, or the broker for it, says of its presence; undefined on any other topic. Never throws. */
export function readPresence(
  { topic, payload }: IPublishPacket,
  { presence, presenceField, presentWords, awayWords }: PresenceRules,
): MqttDevicePresence | undefined {
  const ids = presence.read(topic);
  if (ids === undefined) return undefined;
  const { deviceId } = ids;
  if (!isId(deviceId)) return unreadable('the device id is not one that a command can have');
  // The retained message was taken away.
  if (payload.length === 0) return { kind: 'presence', deviceId, said: 'unknown' };
  const word = presenceField === undefined ? String(payload) : parseJsonObject(payload)?.[presenceField];
  if (presentWords.has(String(word))) return { kind: 'presence', deviceId, said: 'present' };
  if (awayWords.has(String(word))) return { kind: 'presence', deviceId, said: 'away' };
  return unreadable('its presence is none of the configured words');
}

function unreadable(problem: string): MqttDevicePresence {
  return { kind: 'unreadable', problem };
}
