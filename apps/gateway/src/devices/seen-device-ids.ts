import { compareUtf8 } from '@preservarium/command-store';
import { type DeviceIdQuery, listDeviceIds } from './list-device-ids.js';

/** Bound the work of a request whose caller may see few of many devices. */
const maxReads = 10;
const furtherReads = 1_000;

export interface DeviceIdPage {
  readonly ids: readonly string[];
  /** The next page begins behind it; undefined on the last one. */
  readonly cursor: string | undefined;
}

/**
 * Returns a page of the ids of devices that are seen. Its cursor names no other device, and leads on where the page has fewer because many are
 * not seen.
 */
export async function seenDeviceIds(
  parts: Parameters<typeof listDeviceIds>[0],
  query: DeviceIdQuery,
  isSeen: (deviceId: string) => boolean,
): Promise<DeviceIdPage> {
  const seen: string[] = [];
  let { after, limit } = query;
  let next = '';
  for (let reads = 0; reads < maxReads; reads++) {
    const ids = await listDeviceIds(parts, { ...query, after, limit: limit + 1 });
    for (const [index, id] of ids.slice(0, limit).entries()) {
      if (!isSeen(id)) continue;
      seen.push(id);
      if (seen.length === query.limit)
        return { ids: seen, cursor: index === ids.length - 1 ? undefined : id };
    }
    if (ids.length <= limit) return { ids: seen, cursor: undefined };
    after = ids[limit - 1];
    next = ids[limit] ?? '';
    limit = furtherReads;
  }
  return { ids: seen, cursor: startBetween(after ?? '', next) };
}

/** Returns the shortest beginning of an id that is behind another id: the caller may see neither. */
function startBetween(before: string, id: string): string {
  const characters = [...id];
  for (let length = 1; length < characters.length; length++) {
    const start = characters.slice(0, length).join('');
    if (compareUtf8(start, before) > 0) return start;
  }
  return before;
}
