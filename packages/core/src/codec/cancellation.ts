import { type Cancellation, type cancellationFields, cancellationSchema } from '../models/cancellation.js';
import type { WireNameOf } from '../models/field-table.js';
import { formatInstant } from '../models/instant.js';
import { type DecodeFailure, decodeJsonObject } from './decode-json-object.js';
import { encodeJson } from './encode-json.js';
import { invalidFields } from './invalid-fields.js';
import { cancellationNames, fromWireNames } from './wire-names.js';

/** Returns the value of the record that carries `cancellation`: JSON in UTF-8, names in snake_case. */
export function encodeCancellation({ deviceId, requestId, timestamp, issuedBy }: Cancellation): Buffer {
  return encodeJson({
    request_id: requestId,
    device_id: deviceId,
    timestamp: formatInstant(timestamp),
    issued_by: issuedBy,
  } satisfies Record<WireNameOf<typeof cancellationFields>, unknown>);
}

export type DecodedCancellation = { readonly ok: true; readonly cancellation: Cancellation } | DecodeFailure;

/** Reads a cancellation from the value of a record; fields that this version does not know are ignored. Never throws. */
export function decodeCancellation(value: Uint8Array | null): DecodedCancellation {
  const json = decodeJsonObject(value);
  if (!json.ok) return json;
  const { known } = fromWireNames(json.object, cancellationNames);
  const result = cancellationSchema.safeParse(known);
  if (!result.success) return invalidFields(result.error, cancellationNames);
  return { ok: true, cancellation: result.data };
}
