import type { CommandPlace } from '../command-cursor.js';
import type { CommandFilter } from '../command-store.js';
import { searchable, unproven } from './command-row.js';
import type { SqlParameter } from './sql-database.js';

export interface WhereClause {
  /** `WHERE` and its conditions. */
  readonly where: string;
  readonly parameters: readonly SqlParameter[];
}

/** @param start the last command of the page before */
export function whereClause(filter: CommandFilter, start?: CommandPlace): WhereClause {
  const { deviceId, requestId, states, protocol, commandType, since, until } = filter;
  const conditions: string[] = [];
  const parameters: SqlParameter[] = [];
  function require(condition: (...names: string[]) => string, ...values: readonly SqlParameter[]): void {
    conditions.push(condition(...values.map((value) => `$${parameters.push(value)}`)));
  }
  if (deviceId !== undefined) require((id) => `device_id = ${id}`, searchable(deviceId));
  if (requestId !== undefined) require((id) => `request_id = ${id}`, searchable(requestId));
  if (states === undefined) require((state) => `state <> ${state}`, unproven);
  else {
    require((...names) => (names.length === 0 ? '1 = 0' : `state IN (${names.join(', ')})`), ...states);
  }
  if (protocol !== undefined) require((name) => `protocol = ${name}`, searchable(protocol));
  if (commandType !== undefined) require((name) => `command_type = ${name}`, searchable(commandType));
  if (since !== undefined) require((ms) => `state_at_ms >= ${ms}`, since.getTime());
  if (until !== undefined) require((ms) => `state_at_ms < ${ms}`, until.getTime());
  if (start !== undefined) {
    const { stateAtMs, ...ids } = start;
    require((...place) =>
      `(state_at_ms, request_id, device_id) < (${place.join(', ')})`, stateAtMs, searchable(
      ids.requestId,
    ), searchable(ids.deviceId));
  }
  return { where: `WHERE ${conditions.join(' AND ')}`, parameters };
}
