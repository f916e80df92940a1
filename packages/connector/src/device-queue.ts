import type { HeldCommand } from './held-command.js';

/** The commands of one device in the order in which they go out: by priority, and within one by their place in Kafka. */
export interface DeviceQueue {
  add(held: HeldCommand): void;
  first(): HeldCommand | undefined;
  remove(held: HeldCommand): void;
  get(requestId: string): HeldCommand | undefined;
  /** All, in order; a copy. */
  all(): HeldCommand[];
  size(): number;
}

/** In more than this, one is found by a map; most devices have few, for which keeping a map costs more than looking. */
const maxWithoutMap = 16;

export function createDeviceQueue(): DeviceQueue {
  const queue: HeldCommand[] = [];
  let byRequestId: Map<string, HeldCommand> | undefined;

  function add(held: HeldCommand): void {
    let position = queue.length;
    while (position > 0 && goesBefore(held, queue[position - 1] as HeldCommand)) position--;
    if (position === queue.length) queue.push(held);
    else queue.splice(position, 0, held);
    byRequestId?.set(held.command.requestId, held);
  }

  function remove(held: HeldCommand): void {
    const position = queue.indexOf(held);
    if (position < 0) return;
    if (position === 0) queue.shift();
    else queue.splice(position, 1);
    if (queue.length === 0) byRequestId = undefined;
    else byRequestId?.delete(held.command.requestId);
  }

  function get(requestId: string): HeldCommand | undefined {
    if (queue.length <= maxWithoutMap) return queue.find(({ command }) => command.requestId === requestId);
    byRequestId ??= new Map(queue.map((held) => [held.command.requestId, held]));
    return byRequestId.get(requestId);
  }

  return {
    add,
    remove,
    first: () => queue[0],
    get,
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
