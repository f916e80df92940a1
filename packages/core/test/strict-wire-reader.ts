import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../src/index.js';

type Wire = Record<string, unknown>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isInstant = (value: unknown) =>
  isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$/.test(value);
const orNull = (check: (value: unknown) => boolean) => (value: unknown) => value === null || check(value);

const rules: Record<string, (value: unknown) => boolean> = {
  request_id: orNull(isText),
  timestamp: isInstant,
  device_id: (value) => isText(value) && value !== '',
  command_type: isText,
  payload: isJsonObject,
  protocol: (value) => isText(value) && value === value.toLowerCase(),
  metadata: isJsonObject,
  priority: orNull(Number.isInteger),
  expires_at: orNull(isInstant),
};

const mirrored = ['topic', 'qos', 'retain', 'path', 'method', 'confirmable'];

/** Reads a value as the strictest of the Python connectors does; throws an error that names the field it would refuse. */
export function readStrictly(value: Uint8Array): Wire {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(value);
  const wire: unknown = JSON.parse(text);
  if (!isJsonObject(wire)) throw new Error('not an object');
  for (const [field, accepts] of Object.entries(rules)) {
    if (!Object.hasOwn(wire, field)) throw new Error(`${field} is missing`);
    if (!accepts(wire[field])) throw new Error(`${field} is ${JSON.stringify(wire[field])}`);
  }
  for (const field of mirrored) {
    if (Object.hasOwn(wire, field) && !isDeepStrictEqual((wire.metadata as Wire)[field], wire[field])) {
      throw new Error(`${field} is not mirrored in metadata`);
    }
  }
  return wire;
}
