import type { DeadEntry } from './dead-entry.js';
import { createOrigins } from './newer-commands.js';
import type { DeadLetters } from './read-dead-letters.js';

/** The decision of redrive about a dead letter, with its reason. */
export interface Verdict {
  readonly outcome:
    | 'sendable'
    | 'sentBefore'
    | 'poison'
    | 'replayed'
    | 'otherTopic'
    | 'expired'
    | 'superseded';
  /** Continues a sentence that begins with "the dead letter". */
  readonly message: string;
}

export interface JudgeOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The only topic to which a dead letter is sent again. */
  readonly commandTopic: string;
}

/** Looks for newer commands, then judges one dead letter. */
export async function judgeOne(
  entry: DeadEntry,
  letters: DeadLetters,
  options: JudgeOptions,
): Promise<Verdict> {
  const origins = createOrigins();
  if (entry.letter.source.topic === options.commandTopic) origins.add(entry);
  await letters.lookForNewer(origins);
  return judge(entry, letters, options);
}

/** Returns whether a dead letter may be sent again: not if it was, is of another topic, has no readable command, has expired or is superseded. */
export function judge(
  entry: DeadEntry,
  letters: Pick<DeadLetters, 'isSentAgain' | 'newerThan'>,
  { nowMs, commandTopic }: JudgeOptions,
): Verdict {
  const { place, letter, decoded } = entry;
  if (letters.isSentAgain(place)) return { outcome: 'sentBefore', message: 'was sent again before' };
  if (letter.source.topic !== commandTopic) {
    const message = `is of topic "${letter.source.topic}", not of ${commandTopic}`;
    return { outcome: 'otherTopic', message };
  }
  if (letter.omittedBytes !== undefined) {
    return { outcome: 'poison', message: 'holds no original, which was too large for the dead-letter topic' };
  }
  if (letter.reason === 'poison' || !decoded.ok) {
    return { outcome: 'poison', message: 'has no readable command: it would become a dead letter again' };
  }
  if (letter.reason === 'replayed') {
    return {
      outcome: 'replayed',
      message: 'is a copy of another record, or came too late: push the command again',
    };
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
