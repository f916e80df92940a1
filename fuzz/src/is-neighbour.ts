/** Part of the names of devices that nobody attacks. */
export const neighbourName = 'neighbour';

/** Returns whether a topic or a path is that of such a device. */
export function isNeighbour(place: string): boolean {
  return place.includes(neighbourName);
}
