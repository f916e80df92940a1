import type { JsonValue, Lifecycle, LifecycleEvent } from '@preservarium/core';

/** Memory in V8 of a value beside its content, about, in bytes. */
const bytesOfString = 24;
const bytesOfOther = 16;
const bytesOfArray = 48;
const bytesOfObject = 64;
const bytesOfKey = 72;

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
  if (typeof result !== 'object' || result === null) return result === undefined ? 0 : jsonBytes(result);
  const counted = known.get(result) ?? jsonBytes(result);
  known.set(result, counted);
  return counted;
}

/** Memory of a parsed value: `[{},{}]` takes 20 times as much as its text. */
function jsonBytes(value: JsonValue): number {
  if (typeof value === 'string') return bytesOfString + value.length;
  if (typeof value !== 'object' || value === null) return bytesOfOther;
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + jsonBytes(item), bytesOfArray);
  return Object.entries(value).reduce(
    (sum, [key, member]) => sum + bytesOfKey + key.length + jsonBytes(member),
    bytesOfObject,
  );
}
