import {
  decodeLifecycleEvent,
  encodeLifecycleEvent,
  exactNumbers,
  type Lifecycle,
  parseExactJson,
  StoreFailedError,
} from '@preservarium/core';
import { isProven, merge } from '@preservarium/tracking';
import { isAtRest } from '../is-at-rest.js';
import type { SqlRow } from './sql-database.js';

export const commandColumns = {
  request_id: 'text',
  device_id: 'text',
  command_type: 'text',
  protocol: 'text',
  state: 'text',
  at_rest: 'bigint',
  state_at_ms: 'bigint',
  events: 'text',
} as const;

/** State of a command that only its device speaks of; no other command has it. */
export const unproven = 'unproven';

export type CommandRow = Readonly<Record<keyof typeof commandColumns, string | number | null>>;

/** The events are the command; the other columns are to find it. */
export function rowOf(lifecycle: Lifecycle): CommandRow {
  const { requestId, deviceId, commandType, protocol, state, timestamp, events } = lifecycle;
  return {
    request_id: requestId,
    device_id: deviceId,
    command_type: commandType === undefined ? null : searchable(commandType),
    protocol: protocol === undefined ? null : searchable(protocol),
    state: isProven(lifecycle) ? state : unproven,
    at_rest: isAtRest(lifecycle) ? 1 : 0,
    state_at_ms: timestamp.getTime(),
    events: `[${events.map((event) => encodeLifecycleEvent(event).toString()).join(',')}]`,
  };
}

/** Text as every database takes it: without the character zero and halves of surrogate pairs. */
export function searchable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

export function lifecycleOfRow({ request_id: requestId, events }: SqlRow): Lifecycle {
  let lifecycle: Lifecycle | undefined;
  for (const envelope of parseExactJson(String(events)) as unknown[]) {
    const decoded = decodeLifecycleEvent(Buffer.from(JSON.stringify(exactNumbers(envelope))));
    if (!decoded.ok) throw new StoreFailedError(`command ${requestId} cannot be read: ${decoded.message}`);
    lifecycle = merge(lifecycle, decoded.event);
  }
  if (lifecycle === undefined) throw new StoreFailedError(`command ${requestId} has no events`);
  return lifecycle;
}
