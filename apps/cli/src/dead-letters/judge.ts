import type { DeadEntry } from './dead-entry.js';
import type { DeadLetters } from './read-dead-letters.js';

/** The decision of redrive about a dead letter, with its reason. */
export interface Verdict {
  readonly outcome: 'sendable' | 'sentBefore' | 'poison' | 'expired' | 'superseded';
  /** Continues a sentence that begins with "the dead letter". */
  readonly message: string;
}

/** Returns whether a dead letter may be sent again: not if it was, has no readable command, has expired or is superseded. */
export function judge(
  entry: DeadEntry,
  letters: Pick<DeadLetters, 'isSentAgain' | 'newerThan'>,
  nowMs: number,
): Verdict {
  const { place, letter, decoded } = entry;
  if (letters.isSentAgain(place)) return { outcome: 'sentBefore', message: 'was sent again before' };
  if (letter.omittedBytes !== undefined) {
    return { outcome: 'poison', message: 'holds no original, which was too large for the dead-letter topic' };
  }
  if (letter.reason === 'poison' || !decoded.ok) {
    return { outcome: 'poison', message: 'has no readable command: it would become a dead letter again' };
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
