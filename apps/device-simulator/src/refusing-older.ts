import type { Execute } from './device.js';

/** Where a command is in Kafka. */
interface Place {
  readonly partition: string;
  readonly offset: number;
}

/**
 * Wraps `execute` so that a device rejects a command that was pushed before one that it has taken. A command that it has taken already is taken again,
 * and so is one of another partition or without a place.
 */
export function refusingOlder(execute: Execute): Execute {
  const newest = new Map<string, Place>();
  return async (command, signal) => {
    const place = readPlace(command.sequence);
    const known = newest.get(command.deviceId);
    if (place === undefined) return execute(command, signal);
    if (place.partition === known?.partition && place.offset < known.offset) {
      return {
        status: 'rejected',
        reason: `a newer command was taken (sequence ${known.partition}:${known.offset})`,
      };
    }
    newest.set(command.deviceId, place);
    return execute(command, signal);
  };
}

function readPlace(sequence = ''): Place | undefined {
  const [, partition, offset] = /^(\d+):(\d+)$/.exec(sequence) ?? [];
  return partition === undefined ? undefined : { partition, offset: Number(offset) };
}
