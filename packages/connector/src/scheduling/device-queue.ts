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
  return new SortedQueue();
}

/** A class, because most commands make a device and a queue: closures for each of the methods would cost more than delivering the command. */
class SortedQueue implements DeviceQueue {
  readonly #queue: PendingCommand[] = [];
  #byRequestId: Map<string, PendingCommand> | undefined;
  #bySupersedeKey: Map<string, PendingCommand> | undefined;

  add(pending: PendingCommand): void {
    const position = this.#positionOf(pending);
    if (position === this.#queue.length) this.#queue.push(pending);
    else this.#queue.splice(position, 0, pending);
    if (this.#byRequestId !== undefined) this.#index(pending);
    else if (this.#queue.length > maxWithoutMap) this.#makeMaps();
  }

  remove(pending: PendingCommand): void {
    const position = this.#positionOf(pending);
    if (this.#queue[position] !== pending) return;
    if (position === 0) this.#queue.shift();
    else this.#queue.splice(position, 1);
    if (this.#queue.length === 0) {
      this.#byRequestId = undefined;
      this.#bySupersedeKey = undefined;
      return;
    }
    const { requestId, supersedeKey } = pending.command;
    if (this.#byRequestId?.get(requestId) === pending) this.#byRequestId.delete(requestId);
    if (supersedeKey !== undefined && this.#bySupersedeKey?.get(supersedeKey) === pending) {
      this.#bySupersedeKey.delete(supersedeKey);
    }
  }

  first(): PendingCommand | undefined {
    return this.#queue[0];
  }

  get(requestId: string): PendingCommand | undefined {
    if (this.#byRequestId !== undefined) return this.#byRequestId.get(requestId);
    for (const pending of this.#queue) if (pending.command.requestId === requestId) return pending;
    return undefined;
  }

  newestOf(supersedeKey: string): PendingCommand | undefined {
    if (this.#bySupersedeKey !== undefined) return this.#bySupersedeKey.get(supersedeKey);
    let newest: PendingCommand | undefined;
    for (const pending of this.#queue) {
      if (pending.command.supersedeKey !== supersedeKey) continue;
      if (newest === undefined || newest.record.offset < pending.record.offset) newest = pending;
    }
    return newest;
  }

  all(): PendingCommand[] {
    return [...this.#queue];
  }

  size(): number {
    return this.#queue.length;
  }

  /** Where the command is, or belongs: the first place that no earlier command has. */
  #positionOf(pending: PendingCommand): number {
    const turn = turnOf(pending);
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (goesBefore(turnOf(this.#queue[middle] as PendingCommand), turn)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #makeMaps(): void {
    this.#byRequestId = new Map();
    this.#bySupersedeKey = new Map();
    for (const pending of this.#queue) this.#index(pending);
  }

  #index(pending: PendingCommand): void {
    const { requestId, supersedeKey } = pending.command;
    this.#byRequestId?.set(requestId, pending);
    if (supersedeKey === undefined) return;
    const newest = this.#bySupersedeKey?.get(supersedeKey);
    if (newest === undefined || newest.record.offset < pending.record.offset) {
      this.#bySupersedeKey?.set(supersedeKey, pending);
    }
  }
}

export function turnOf({ command, record }: PendingCommand): Turn {
  return { priority: command.priority ?? 0, offset: record.offset };
}

export function goesBefore(one: Turn, other: Turn): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return one.offset < other.offset;
}
