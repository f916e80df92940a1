import type { DeviceQuery } from '../command-store.js';
import { searchable, unproven } from './command-row.js';
import type { SqlQuery } from './sql-database.js';

/** No text is behind it. */
const lastCharacter = '\u{10FFFF}';

/** Reads one index entry for each device, however many commands it has. */
export async function listDevices(
  query: SqlQuery,
  { limit, after = '', prefix = '' }: DeviceQuery,
): Promise<readonly string[]> {
  const next = (place: string) =>
    `SELECT min(device_id) FROM pusher_commands
     WHERE device_id > ${place} AND device_id >= $2 AND device_id < $3 AND state <> $4`;
  const rows = await query(
    `WITH RECURSIVE devices (device_id, place) AS (
       SELECT (${next('$1')}), 1
       UNION ALL
       SELECT (${next('devices.device_id')}), place + 1 FROM devices WHERE device_id IS NOT NULL AND place < $5
     )
     SELECT device_id FROM devices WHERE device_id IS NOT NULL`,
    [searchable(after), searchable(prefix), `${searchable(prefix)}${lastCharacter}`, unproven, limit],
  );
  return rows.map(({ device_id: deviceId }) => String(deviceId));
}
