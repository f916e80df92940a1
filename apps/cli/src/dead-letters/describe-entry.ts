import { describeHeaders, textOf } from '../describe-record.js';
import { type DeadEntry, deviceOf } from './dead-entry.js';
import type { Verdict } from './judge.js';

/** A dead letter as `list --output json` prints it. */
export interface EntrySummary {
  readonly partition: number;
  readonly offset: number;
  readonly diedAt: Date;
  readonly reason: string;
  readonly message: string;
  readonly attempts: number;
  readonly group: string;
  readonly deviceId: string;
  /** Only with a readable command. */
  readonly commandType?: string;
  readonly requestId?: string;
  readonly expiresAt?: Date;
  readonly source: DeadEntry['letter']['source'];
  readonly sentAgain: boolean;
}

export function summarizeEntry(entry: DeadEntry, sentAgain: boolean): EntrySummary {
  const { place, letter, decoded } = entry;
  const { diedAtMs, reason, message, attempts, groupId, source } = letter;
  return {
    ...place,
    diedAt: new Date(diedAtMs),
    reason,
    message,
    attempts,
    group: groupId,
    deviceId: deviceOf(entry),
    ...(decoded.ok && {
      commandType: decoded.command.commandType,
      requestId: decoded.command.requestId,
      ...(decoded.command.expiresAt !== undefined && { expiresAt: decoded.command.expiresAt }),
    }),
    source,
    sentAgain,
  };
}

/** Returns all of a dead letter, as `show --output json` prints it. */
export function describeEntry(entry: DeadEntry, { outcome, message }: Verdict) {
  const { letter, decoded } = entry;
  return {
    ...summarizeEntry(entry, outcome === 'sentBefore'),
    redrive: { outcome, message },
    key: textOf(letter.key),
    headers: describeHeaders(letter.headers),
    ...(decoded.ok
      ? {
          command: decoded.command,
          ...(Object.keys(decoded.unknownFields).length > 0 && { unknownFields: decoded.unknownFields }),
        }
      : { value: textOf(letter.value) }),
  };
}
