import { type LifecycleEvent, lifecycleEventSchema } from '../models/lifecycle-event.js';
import { parserOfExact } from '../models/number-texts.js';
import { type DecodeFailure, decodeJsonObject } from './decode-json-object.js';
import { invalidFields } from './invalid-fields.js';
import { fromWireNames, lifecycleEventNames } from './wire-names.js';

export type DecodedLifecycleEvent = { readonly ok: true; readonly event: LifecycleEvent } | DecodeFailure;

const parseExact = parserOfExact('result');

/**
 * Reads an event from the value of a record, as written by `encodeLifecycleEvent`: null means absent, and fields that this
 * version does not know are ignored. Never throws.
 */
export function decodeLifecycleEvent(value: Uint8Array | null): DecodedLifecycleEvent {
  const json = decodeJsonObject(value, parseExact);
  if (!json.ok) return json;
  const { known } = fromWireNames(json.object, lifecycleEventNames);
  const result = lifecycleEventSchema.safeParse(known);
  if (!result.success) return invalidFields(result.error, lifecycleEventNames);
  return { ok: true, event: result.data };
}
