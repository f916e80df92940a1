import type { ConsumedRecord } from '@preservarium/backend';
import { deviceIdSchema } from '@preservarium/core';

/** A larger value is not read, in bytes. */
const maxValueBytes = 4_096;
const maxNameCharacters = 256;

/** A record of the type of a device. */
export type TypeRecord =
  | { readonly kind: 'type'; readonly deviceId: string; readonly typeName: string }
  | { readonly kind: 'gone'; readonly deviceId: string }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Reads the key as a device id, and the value as the name of its type: `"lamp"` or `{"type":"lamp"}`. */
export function readTypeRecord({ key, value }: Pick<ConsumedRecord, 'key' | 'value'>): TypeRecord {
  const { data: deviceId } = deviceIdSchema.safeParse(key?.toString());
  if (deviceId === undefined) return { kind: 'invalid', reason: 'the key is not a device id' };
  if (value === null) return { kind: 'gone', deviceId };
  const typeName = value.length > maxValueBytes ? undefined : typeNameOf(readJson(value));
  if (typeof typeName === 'string' && typeName !== '' && typeName.length <= maxNameCharacters)
    return { kind: 'type', deviceId, typeName };
  return { kind: 'invalid', reason: 'the value is not a type, for example {"type":"lamp"} or "lamp"' };
}

function typeNameOf(content: unknown): unknown {
  return typeof content === 'object' && content !== null && 'type' in content ? content.type : content;
}

function readJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString());
  } catch {
    return undefined;
  }
}
