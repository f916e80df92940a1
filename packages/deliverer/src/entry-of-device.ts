/**
 * Returns the entry of a device in a file of device ids: that of the id itself, else that of the longest prefix with a last `*`; `*` alone is all
 * devices.
 */
export function entryOfDevice<Entry>(
  entries: ReadonlyMap<string, Entry>,
  deviceId: string,
): Entry | undefined {
  const exact = deviceId.endsWith('*') ? undefined : entries.get(deviceId);
  if (exact !== undefined) return exact;
  for (let length = deviceId.length; length >= 0; length -= 1) {
    const ofPrefix = entries.get(`${deviceId.slice(0, length)}*`);
    if (ofPrefix !== undefined) return ofPrefix;
  }
  return undefined;
}
