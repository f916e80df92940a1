import type { DeadEntry } from './dead-entry.js';
import type { DeadLetters } from './read-dead-letters.js';

/** Whether a dead letter can be sent again, and why not. */
export interface Verdict {
  readonly outcome: 'sendable' | 'sentBefore' | 'poison' | 'expired' | 'superseded';
  /** Goes on after "the dead letter". */
  readonly message: string;
}

/** Checks anew what the connector checked when the command was young. */
export function judge(
  entry: DeadEntry,
  letters: Pick<DeadLetters, 'isSentAgain' | 'newerThan'>,
  nowMs: number,
): Verdict {
  const { place, letter, decoded } = entry;
  if (letters.isSentAgain(place)) return { outcome: 'sentBefore', message: 'has been sent again before' };
  if (letter.omittedBytes !== undefined) {
    return { outcome: 'poison', message: 'holds no original, which was too large for the dead-letter topic' };
  }
  if (letter.reason === 'poison' || !decoded.ok) {
    return { outcome: 'poison', message: 'is no command that can be read: it would only come back' };
  }
  const { expiresAt } = decoded.command;
  if (expiresAt !== undefined && expiresAt.getTime() <= nowMs) {
    return { outcome: 'expired', message: `expired at ${expiresAt.toISOString()}` };
  }
  const newer = letters.newerThan(entry);
  if (newer !== undefined) {
    return { outcome: 'superseded', message: `superseded by ${newer}, which is newer` };
  }
  const { topic, partition } = letter.source;
  return { outcome: 'sendable', message: `would go to ${topic}, partition ${partition}` };
}
