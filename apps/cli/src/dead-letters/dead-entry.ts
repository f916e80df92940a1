import type { ConsumedRecord } from '@preservarium/backend';
import { type DecodedCommand, decodeCommand } from '@preservarium/core';
import { type DeadLetter, type DeadLetterPlace, readDeadLetter } from '@preservarium/dead-letters';

/** A dead letter, where it is, and the command in it. */
export interface DeadEntry {
  readonly place: DeadLetterPlace;
  readonly letter: DeadLetter;
  readonly decoded: DecodedCommand;
}

export type ReadEntry =
  | { readonly ok: true; readonly entry: DeadEntry }
  | { readonly ok: false; readonly message: string };

export function readEntry(record: ConsumedRecord): ReadEntry {
  const read = readDeadLetter(record);
  if (!read.ok) return read;
  const { letter } = read;
  const { topic, partition, offset } = letter.source;
  // The connector gives a command without a request id this one, and so do its lifecycle events.
  const requestId = `${topic}-${partition}-${offset}`;
  const decoded = decodeCommand(letter.value, { requestId, timestamp: new Date(record.timestampMs) });
  return {
    ok: true,
    entry: { place: { partition: record.partition, offset: record.offset }, letter, decoded },
  };
}

/** The device it was for; of a letter without a command that is the key of its record. */
export function deviceOf({ decoded, letter }: DeadEntry): string {
  return decoded.ok ? decoded.command.deviceId : letter.key;
}
