import { type DeadEntry, deviceOf } from './dead-entry.js';

/** A dead letter, as lists show it. */
export interface EntrySummary {
  readonly partition: number;
  readonly offset: number;
  readonly diedAt: Date;
  readonly reason: DeadEntry['letter']['reason'];
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
