import { type Slice, startSlice } from '@preservarium/concurrency';
import type { PendingCommand } from '../pending-command.js';
import type { Device } from './device.js';

/**
 * Takes the commands that do not wait yet out of the queue of a device, and defers them. Thousands may be behind one: the event loop goes on in between, and the
 * device is not served meanwhile.
 */
export function deferNew(device: Device, defer: (pending: PendingCommand) => void): void {
  const pendings = device.queue.all().filter(({ waitingSinceMs }) => waitingSinceMs === undefined);
  const left = deferSlice(device, pendings, defer, startSlice());
  if (left.length > 0) device.deferring = deferRest(device, left, defer);
}

async function deferRest(
  device: Device,
  pendings: readonly PendingCommand[],
  defer: (pending: PendingCommand) => void,
): Promise<void> {
  const slice = startSlice();
  for (let left = pendings; left.length > 0; left = deferSlice(device, left, defer, slice)) {
    await slice.next();
    // The next owner of the partition reads them from the command topic.
    if (device.ledger.isEnding) break;
  }
  device.deferring = undefined;
}

/** Returns the commands that are left when the slice is over. */
function deferSlice(
  { queue }: Device,
  pendings: readonly PendingCommand[],
  defer: (pending: PendingCommand) => void,
  slice: Slice,
): readonly PendingCommand[] {
  for (const [position, pending] of pendings.entries()) {
    if (position > 0 && slice.isOver()) return pendings.slice(position);
    // Meanwhile it may have ended.
    if (queue.get(pending.command.requestId) !== pending) continue;
    queue.remove(pending);
    defer(pending);
  }
  return [];
}
