import type { ConsumedRecord } from '@preservarium/backend';
import { type CommandMessage, decodeCommand, keepPayloadSource } from '@preservarium/core';
import { sourceId } from '@preservarium/dead-letters';
import { sourceOf } from '../ledger/topic-generation.js';

export type DecodedRecord =
  | { readonly kind: 'command'; readonly command: CommandMessage }
  | { readonly kind: 'poison'; readonly problem: { readonly reason: 'poison'; readonly message: string } };

/** A command without a request id is named by its place in Kafka, so that it has the same name for every reader. */
export function decodeRecord(record: ConsumedRecord): DecodedRecord {
  const decoded = decodeCommand(record.value, () => ({
    requestId: sourceId(sourceOf(record)),
    timestamp: new Date(record.timestampMs),
  }));
  if (decoded.ok) {
    if (record.value !== null) keepPayloadSource(decoded.command.payload, record.value);
    return { kind: 'command', command: decoded.command };
  }
  return { kind: 'poison', problem: { reason: 'poison', message: `${decoded.reason}: ${decoded.message}` } };
}
