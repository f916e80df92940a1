import type { PublisherBackend } from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';
import { redrivenRecord, redriveRecord } from '@preservarium/dead-letters';
import type { DeadEntry } from './dead-entry.js';

const chunkSize = 500;

/** `unmarked`: it was sent, but Kafka did not take the note of it, so that it could be sent once more. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'unmarked' | 'failed'; readonly error: PusherError };

export interface SendAgainOptions {
  /** The topic of the dead letters. */
  readonly topic: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onOutcome(entry: DeadEntry, outcome: SendOutcome): Promise<void>;
}

/**
 * Sends the letters, those of a device in the given order, and notes each one in their topic once the brokers have acknowledged it. When
 * Kafka takes one not now, those after it are not tried, so that none overtakes it.
 */
export async function sendAgain(
  backend: Pick<PublisherBackend, 'publish'>,
  entries: readonly DeadEntry[],
  options: SendAgainOptions,
): Promise<void> {
  for (let start = 0; start < entries.length; start += chunkSize) {
    const sent = await sendChunk(backend, entries.slice(start, start + chunkSize), options);
    for (const { entry, outcome } of sent) await options.onOutcome(entry, outcome);
    const obstacle = sent.find(({ outcome }) => outcome.kind === 'failed' && mayPass(outcome.error));
    if (obstacle === undefined) continue;
    for (const entry of entries.slice(start + chunkSize)) await options.onOutcome(entry, obstacle.outcome);
    return;
  }
}

async function sendChunk(
  backend: Pick<PublisherBackend, 'publish'>,
  chunk: readonly DeadEntry[],
  { topic, timeoutMs, signal }: SendAgainOptions,
): Promise<{ readonly entry: DeadEntry; readonly outcome: SendOutcome }[]> {
  const records = chunk.map(({ letter }) => redriveRecord(letter));
  const sent = await backend.publish(records, { timeoutMs, signal });
  const acknowledged = chunk.filter((_, position) => sent[position]?.ok);
  const notes = acknowledged.map(({ place, letter }) => redrivenRecord({ topic, ...place }, letter));
  // Without the signal: what has been sent is to be noted.
  const noted = await backend.publish(notes, { timeoutMs });
  const noteOf = new Map(acknowledged.map((entry, position) => [entry, noted[position]]));
  return chunk.map((entry, position) => {
    const outcome = sent[position];
    const note = noteOf.get(entry);
    if (outcome?.ok === false) return { entry, outcome: { kind: 'failed', error: outcome.error } };
    if (note?.ok === false) return { entry, outcome: { kind: 'unmarked', error: note.error } };
    return { entry, outcome: { kind: 'sent' } };
  });
}

/** Whether the failure tells of Kafka at this time, rather than of the one record. */
function mayPass({ retryable, code }: PusherError): boolean {
  return retryable || code === 'ABORTED' || code === 'CLOSED';
}
