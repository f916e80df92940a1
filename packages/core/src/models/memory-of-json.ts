import type { JsonValue } from './json-value.js';

/** Memory in V8 of a value beside its content, about, in bytes. */
const bytesOfString = 24;
const bytesOfOther = 16;
const bytesOfArray = 48;
const bytesOfObject = 64;
const bytesOfKey = 72;

/** Returns about how many bytes of memory a parsed value takes: `[{},{}]` takes 20 times as much as its text. */
export function memoryOfJson(value: JsonValue): number {
  if (typeof value === 'string') return bytesOfString + value.length;
  if (typeof value !== 'object' || value === null) return bytesOfOther;
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + memoryOfJson(item), bytesOfArray);
  return Object.entries(value).reduce(
    (sum, [key, member]) => sum + bytesOfKey + key.length + memoryOfJson(member),
    bytesOfObject,
  );
}
