import type { ConsumedRecord } from '@preservarium/backend';
import { type DecodedCommand, decodeCommand } from '@preservarium/core';
import { type DeadLetter, readDeadLetter } from '../dead-letter.js';
import type { DeadLetterPlace } from '../redrive.js';

/** A dead letter with its place and its decoded command. */
export interface DeadEntry {
  readonly place: DeadLetterPlace;
  readonly letter: DeadLetter;
  readonly decoded: DecodedCommand;
}

export type ReadEntry =
  | { readonly ok: true; readonly entry: DeadEntry }
  | { readonly ok: false; readonly message: string };

/** Decodes a record of the dead-letter topic. */
export function readEntry(record: ConsumedRecord): ReadEntry {
  const read = readDeadLetter(record);
  if (!read.ok) return read;
  const { letter } = read;
  const { topic, partition, offset } = letter.source;
  // Connectors give this id to a command without one, also in its lifecycle events.
  const requestId = `${topic}-${partition}-${offset}`;
  const decoded = decodeCommand(letter.value, { requestId, timestamp: new Date(record.timestampMs) });
  return {
    ok: true,
    entry: { place: { partition: record.partition, offset: record.offset }, letter, decoded },
  };
}

/** Returns the device of a dead letter; the key of its record if it has no readable command. */
export function deviceOf({ decoded, letter }: DeadEntry): string {
  return decoded.ok ? decoded.command.deviceId : letter.key.toString();
}
