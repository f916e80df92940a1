import type { Turn } from '../ledger/waiting-store.js';
import type { PendingCommand } from '../pending-command.js';

/** The commands of one device in the order in which they go out: by priority, and within one by their place in Kafka. */
export interface DeviceQueue {
  add(pending: PendingCommand): void;
  first(): PendingCommand | undefined;
  remove(pending: PendingCommand): void;
  get(requestId: string): PendingCommand | undefined;
  /** The newest command with this supersede key. */
  newestOf(supersedeKey: string): PendingCommand | undefined;
  /** All, in order; a copy. */
  all(): PendingCommand[];
  size(): number;
}

/** In more than this, a command is found by a map; most devices have few, for which keeping maps costs more than looking. */
const maxWithoutMap = 16;

export function createDeviceQueue(): DeviceQueue {
  const queue: PendingCommand[] = [];
  let byRequestId: Map<string, PendingCommand> | undefined;
  let bySupersedeKey: Map<string, PendingCommand> | undefined;

  function add(pending: PendingCommand): void {
    const position = positionOf(pending);
    if (position === queue.length) queue.push(pending);
    else queue.splice(position, 0, pending);
    if (byRequestId !== undefined) index(pending);
    else if (queue.length > maxWithoutMap) makeMaps();
  }

  function remove(pending: PendingCommand): void {
    const position = positionOf(pending);
    if (queue[position] !== pending) return;
    if (position === 0) queue.shift();
    else queue.splice(position, 1);
    if (queue.length === 0) {
      byRequestId = undefined;
      bySupersedeKey = undefined;
      return;
    }
    const { requestId, supersedeKey } = pending.command;
    if (byRequestId?.get(requestId) === pending) byRequestId.delete(requestId);
    if (supersedeKey !== undefined && bySupersedeKey?.get(supersedeKey) === pending) {
      bySupersedeKey.delete(supersedeKey);
    }
  }

  /** Where the command is, or belongs: the first place that no earlier command has. */
  function positionOf(pending: PendingCommand): number {
    const turn = turnOf(pending);
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (goesBefore(turnOf(queue[middle] as PendingCommand), turn)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function makeMaps(): void {
    byRequestId = new Map();
    bySupersedeKey = new Map();
    for (const pending of queue) index(pending);
  }

  function index(pending: PendingCommand): void {
    const { requestId, supersedeKey } = pending.command;
    byRequestId?.set(requestId, pending);
    if (supersedeKey === undefined) return;
    const newest = bySupersedeKey?.get(supersedeKey);
    if (newest === undefined || newest.record.offset < pending.record.offset) {
      bySupersedeKey?.set(supersedeKey, pending);
    }
  }

  function newestOf(supersedeKey: string): PendingCommand | undefined {
    if (bySupersedeKey !== undefined) return bySupersedeKey.get(supersedeKey);
    let newest: PendingCommand | undefined;
    for (const pending of queue) {
      if (pending.command.supersedeKey !== supersedeKey) continue;
      if (newest === undefined || newest.record.offset < pending.record.offset) newest = pending;
    }
    return newest;
  }

  return {
    add,
    remove,
    newestOf,
    first: () => queue[0],
    get: (requestId) =>
      byRequestId === undefined
        ? queue.find(({ command }) => command.requestId === requestId)
        : byRequestId.get(requestId),
    all: () => [...queue],
    size: () => queue.length,
  };
}

export function turnOf({ command, record }: PendingCommand): Turn {
  return { priority: command.priority ?? 0, offset: record.offset };
}

export function goesBefore(one: Turn, other: Turn): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return one.offset < other.offset;
}
