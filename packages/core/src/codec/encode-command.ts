import type { CommandMessage } from '../models/command.js';
import type { commandFields } from '../models/command-fields.js';
import type { WireNameOf } from '../models/field-table.js';
import { formatInstant } from '../models/instant.js';
import { jsonSourceOf } from '../models/json-source.js';
import type { JsonObject } from '../models/json-value.js';
import { encodeJson, sourceMark } from './encode-json.js';

/**
 * Returns the value of the record that carries `command`: JSON in UTF-8, as `commandEnvelopeSchema` describes it. A payload that came as text
 * is copied from it, byte for byte.
 *
 * @param unknownFields fields of a decoded command that this version does not know, written again as they were
 */
export function encodeCommand(command: CommandMessage, unknownFields?: JsonObject): Buffer {
  const source = jsonSourceOf(command.payload);
  // Written out and not looped over the table: an object literal is several times faster. JSON leaves out what is undefined.
  const envelope = {
    request_id: command.requestId,
    timestamp: formatInstant(command.timestamp),
    device_id: command.deviceId,
    command_type: command.commandType,
    payload: source === undefined ? command.payload : sourceMark,
    protocol: command.protocol,
    metadata: command.metadata,
    priority: command.priority ?? null,
    expires_at: command.expiresAt ?? null,
    supersede_key: command.supersedeKey,
    required_evidence: command.requiredEvidence,
    answer_within_ms: command.answerWithinMs,
    issued_by: command.issuedBy,
    topic: command.topic,
    qos: command.qos,
    retain: command.retain,
    path: command.path,
    method: command.method,
    confirmable: command.confirmable,
  } satisfies Record<WireNameOf<typeof commandFields>, unknown>;
  return encodeJson(unknownFields === undefined ? envelope : { ...envelope, ...unknownFields }, source);
}
