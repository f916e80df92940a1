import type { Cancellation } from '../models/cancellation.js';
import type { CommandMessage } from '../models/command-message.js';
import type { DeviceSettings } from '../models/device-settings.js';
import type { LifecycleEvent } from '../models/lifecycle-event.js';

/** The name on the wire of each field of a command, in the order in which they are written. */
export const commandFieldNames = {
  requestId: 'request_id',
  timestamp: 'timestamp',
  deviceId: 'device_id',
  commandType: 'command_type',
  payload: 'payload',
  protocol: 'protocol',
  metadata: 'metadata',
  priority: 'priority',
  expiresAt: 'expires_at',
  supersedeKey: 'supersede_key',
  topic: 'topic',
  qos: 'qos',
  retain: 'retain',
  path: 'path',
  method: 'method',
  confirmable: 'confirmable',
} as const satisfies Record<keyof CommandMessage, string>;

const commandFields: ReadonlyMap<string, keyof CommandMessage> = new Map(
  Object.entries(commandFieldNames).map(([field, name]) => [name, field as keyof CommandMessage]),
);

/** The field of a command that has this name on the wire. */
export function commandFieldOf(name: string): keyof CommandMessage | undefined {
  return commandFields.get(name);
}

/** The name on the wire of each field of settings. */
export const settingsFieldNames = {
  requestId: 'request_id',
  timestamp: 'timestamp',
  deviceId: 'device_id',
  settings: 'settings',
  metadata: 'metadata',
  protocol: 'protocol',
  baseVersion: 'base_version',
} as const satisfies Record<keyof DeviceSettings, string>;

/** The name on the wire of each field of a lifecycle event. */
export const lifecycleEventFieldNames = {
  requestId: 'request_id',
  deviceId: 'device_id',
  state: 'state',
  timestamp: 'timestamp',
  commandType: 'command_type',
  protocol: 'protocol',
  evidence: 'evidence',
  attempt: 'attempt',
  reason: 'reason',
  result: 'result',
  mayBeRepeat: 'may_be_repeat',
} as const satisfies Record<keyof LifecycleEvent, string>;

/** The name on the wire of each field of a cancellation. */
export const cancellationFieldNames = {
  requestId: 'request_id',
  deviceId: 'device_id',
  timestamp: 'timestamp',
} as const satisfies Record<keyof Cancellation, string>;

/**
 * Takes an object with wire names apart: known fields under their TypeScript names (null means absent), and the others.
 */
export function fromWireNames(
  wire: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): { readonly known: Record<string, unknown>; readonly unknown: Record<string, unknown> } {
  const fieldOf = new Map(Object.entries(names).map(([field, name]) => [name, field]));
  const known: Record<string, unknown> = {};
  const unknown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(wire)) {
    const field = fieldOf.get(name);
    if (field === undefined) unknown.push([name, value]);
    else if (value !== null) known[field] = value;
  }
  return { known, unknown: Object.fromEntries(unknown) };
}

/** An issue's path with the wire's name for its first step: `deviceId` as `device_id`. */
export function toWirePath(path: string, names: Readonly<Record<string, string>>): string {
  return path.replace(/^\w+/, (field) => names[field] ?? field);
}
