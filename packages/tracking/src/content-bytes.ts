import { type JsonValue, type Lifecycle, type LifecycleEvent, memoryOfJson } from '@preservarium/core';

/** A result is one object in the events and lifecycles of its command. */
const known = new WeakMap<object, number>();

/** Returns about how many bytes of memory the texts and results of the events of a command take. */
export function lifecycleBytes({ events }: Pick<Lifecycle, 'events'>): number {
  return events.reduce((sum, event) => sum + eventBytes(event), 0);
}

/** Returns about how many bytes of memory the texts and the result of an event take. */
export function eventBytes(event: LifecycleEvent): number {
  let bytes = resultBytes(event.result);
  for (const field of textFields) bytes += event[field]?.length ?? 0;
  return bytes;
}

const textFields = [
  'requestId',
  'deviceId',
  'commandType',
  'protocol',
  'reason',
  'behind',
  'issuedBy',
] as const satisfies readonly (keyof LifecycleEvent)[];

function resultBytes(result: JsonValue | undefined): number {
  if (typeof result !== 'object' || result === null) return result === undefined ? 0 : memoryOfJson(result);
  const counted = known.get(result) ?? memoryOfJson(result);
  known.set(result, counted);
  return counted;
}
