import QuickLRU from 'quick-lru';
import type { CommandTarget } from '../pending-command.js';

/** The commands that were delivered, up to a limit: a repetition of one of them is not sent again. */
export interface DeliveredCommands {
  add(target: CommandTarget): void;
  has(target: CommandTarget): boolean;
}

/** @param limit request ids that are remembered; up to twice as many are */
export function createDeliveredCommands(limit: number): DeliveredCommands {
  // Devices by request ids: one device's request id is nothing to another.
  const deviceIds = new QuickLRU<string, string>({ maxSize: limit });
  return {
    add: ({ deviceId, requestId }) => deviceIds.set(requestId, deviceId),
    has: ({ deviceId, requestId }) => deviceIds.get(requestId) === deviceId,
  };
}
