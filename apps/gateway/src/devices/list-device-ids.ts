import { compareUtf8 } from '@preservarium/command-store';
import { createFirstOf } from '@preservarium/concurrency';
import type { GatewayParts } from '../gateway-parts.js';

export interface DeviceIdQuery {
  readonly limit: number;
  /** Only ids behind this one. */
  readonly after: string | undefined;
  /** Only ids that begin so. */
  readonly prefix: string | undefined;
}

/** Returns the ids of devices that have commands, settings or a type, by the order of their bytes. */
export async function listDeviceIds(
  { store, settings, directory }: Pick<GatewayParts, 'store' | 'settings' | 'directory'>,
  query: DeviceIdQuery,
): Promise<readonly string[]> {
  const { limit, after, prefix = '' } = query;
  const ids = new Set(await store.listDevices(query));
  for (const known of [settings.deviceIds(), directory.deviceIds()]) {
    const first = createFirstOf(limit, compareUtf8);
    for (const id of known) {
      if (id.startsWith(prefix) && (after === undefined || compareUtf8(id, after) > 0)) first.add(id);
    }
    for (const id of first.items()) ids.add(id);
  }
  return [...ids].toSorted(compareUtf8).slice(0, limit);
}
