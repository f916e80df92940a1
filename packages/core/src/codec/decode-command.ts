import type { CommandMessage } from '../models/command.js';
import { commandMessageSchema } from '../models/command-message.js';
import type { JsonObject } from '../models/json-value.js';
import { mirrorProtocolFields, readMirroredFields } from '../models/mirrored-fields.js';
import { fieldsOfProtocol, protocolFieldNames } from '../models/protocol-fields.js';
import { type DecodeFailure, decodeJsonObject } from './decode-json-object.js';
import { invalidFields } from './invalid-fields.js';
import { commandOfPlainEnvelope } from './plain-envelope.js';
import { unknownFieldsFailure } from './unknown-fields.js';
import { commandNames, fromWireNames } from './wire-names.js';

export type DecodedCommand =
  | {
      readonly ok: true;
      readonly command: CommandMessage;
      /** Fields of the envelope that this version does not know; give them to `encodeCommand` to keep them. */
      readonly unknownFields: JsonObject;
    }
  | DecodeFailure;

/** Values for fields that a record itself lacks. */
export interface CommandDefaults {
  readonly requestId?: string;
  readonly timestamp?: Date;
}

/**
 * Reads a command from the value of a record, as written by `encodeCommand` or by the Python producers: null means absent,
 * a time may be naive (UTC), have an offset or be an epoch number, and any protocol and command type is accepted. If a field is both at the
 * top level and in `metadata`, metadata wins. Never throws. Where the payload goes on as text, note its source with `keepPayloadSource`.
 *
 * @param defaults used where the record itself lacks them, for example the record's own timestamp; a function is called only
 * for a record that lacks any
 */
export function decodeCommand(
  value: Uint8Array | null,
  defaults: CommandDefaults | (() => CommandDefaults) = {},
): DecodedCommand {
  const json = decodeJsonObject(value);
  if (!json.ok) return json;
  const givenDefaults = typeof defaults === 'function' ? defaults : () => defaults;
  const plain = commandOfPlainEnvelope(json.object, givenDefaults);
  if (plain !== undefined) return { ok: true, command: plain, unknownFields: {} };
  const { known, unknown } = fromWireNames(json.object, commandNames);
  if (json.object.payload === null || json.object.payload === undefined) {
    return { ok: false, reason: 'invalid-fields', message: 'payload: is required' };
  }
  const protocol = typeof known.protocol === 'string' ? known.protocol.toLowerCase() : '';
  const foreign = protocolFieldNames.filter(
    (field) => field in known && !fieldsOfProtocol(protocol).includes(field),
  );
  for (const field of foreign) {
    unknown[field] = known[field];
    delete known[field];
  }
  const unkept = unknownFieldsFailure(unknown);
  if (unkept !== undefined) return unkept;
  const { input } = readMirroredFields({ ...givenDefaults(), ...known }, 'metadata wins');
  const result = commandMessageSchema.safeParse(input);
  if (!result.success) return invalidFields(result.error, commandNames);
  return { ok: true, command: mirrorProtocolFields(result.data), unknownFields: unknown as JsonObject };
}
