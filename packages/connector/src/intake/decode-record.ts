import type { ConsumedRecord, WireFormat } from '@preservarium/backend';
import { type CommandMessage, decodeCommand } from '@preservarium/core';
import { sourceId } from '@preservarium/dead-letters';
import { sourceOf } from '../ledger/topic-generation.js';

type DecodedRecord =
  | { readonly kind: 'command'; readonly command: CommandMessage }
  | { readonly kind: 'poison'; readonly problem: { readonly reason: 'poison'; readonly message: string } };

/** Reads a command. One without a request id is named by its place in Kafka, so that it has the same name for every reader. */
export type DecodeRecord = (record: ConsumedRecord) => DecodedRecord;

/** @param format the form of the records. Default: the envelope of `@preservarium/core` */
export function createDecodeRecord(
  protocol: string,
  format: Pick<WireFormat, 'decodeCommand'> | undefined,
): DecodeRecord {
  if (format === undefined) return decodeEnvelope;
  return (record) => {
    const decoded = format.decodeCommand(record, { protocol, requestId: sourceId(sourceOf(record)) });
    return decoded.ok ? { kind: 'command', command: decoded.command } : poison(decoded);
  };
}

function decodeEnvelope(record: ConsumedRecord): DecodedRecord {
  const decoded = decodeCommand(record.value, () => ({
    requestId: sourceId(sourceOf(record)),
    timestamp: new Date(record.timestampMs),
  }));
  if (!decoded.ok) return poison(decoded);
  return { kind: 'command', command: decoded.command };
}

function poison({ reason, message }: { readonly reason: string; readonly message: string }): DecodedRecord {
  return { kind: 'poison', problem: { reason: 'poison', message: `${reason}: ${message}` } };
}
