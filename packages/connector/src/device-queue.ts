import type { HeldCommand } from './held-command.js';

/** The commands of one device in the order in which they go out: by priority, and within one by their place in Kafka. */
export interface DeviceQueue {
  add(held: HeldCommand): void;
  first(): HeldCommand | undefined;
  remove(held: HeldCommand): void;
  has(requestId: string): boolean;
  get(requestId: string): HeldCommand | undefined;
  /** All, in order; a copy. */
  all(): HeldCommand[];
  size(): number;
}

export function createDeviceQueue(): DeviceQueue {
  const queue: HeldCommand[] = [];
  const byRequestId = new Map<string, HeldCommand>();

  function add(held: HeldCommand): void {
    let position = queue.length;
    while (position > 0 && goesBefore(held, queue[position - 1] as HeldCommand)) position--;
    queue.splice(position, 0, held);
    byRequestId.set(held.command.requestId, held);
  }

  function remove(held: HeldCommand): void {
    const position = queue.indexOf(held);
    if (position < 0) return;
    queue.splice(position, 1);
    byRequestId.delete(held.command.requestId);
  }

  return {
    add,
    remove,
    first: () => queue[0],
    has: (requestId) => byRequestId.has(requestId),
    get: (requestId) => byRequestId.get(requestId),
    all: () => [...queue],
    size: () => queue.length,
  };
}

function goesBefore(one: HeldCommand, other: HeldCommand): boolean {
  const priority = one.command.priority ?? 0;
  const otherPriority = other.command.priority ?? 0;
  if (priority !== otherPriority) return priority > otherPriority;
  return one.source.offset < other.source.offset;
}
