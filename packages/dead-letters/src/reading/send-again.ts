import type { PublisherBackend, RecordSigner } from '@preservarium/backend';
import type { PusherError } from '@preservarium/core';
import { redrivenRecord, redriveRecord } from '../redrive.js';
import type { DeadEntry } from './dead-entry.js';

const chunkSize = 500;

/** `unmarked`: it was sent, but the mark of it could not be written, so another redrive may send it again. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'unmarked' | 'failed'; readonly error: PusherError };

export interface SendAgainOptions {
  /** Topic of the dead letters. */
  readonly topic: string;
  readonly commandTopic: string;
  /** Signs what is sent, for connectors that need it. Default: it has the signature of its first sender only. */
  readonly sign?: RecordSigner | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  onOutcome(entry: DeadEntry, outcome: SendOutcome): Promise<void>;
}

/**
 * Sends dead letters again, those of a device in the given order, and marks each in the dead-letter topic once the brokers have
 * acknowledged it. After a failure that may pass, it does not try later chunks, so that no command overtakes another.
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
  { topic, commandTopic, sign, timeoutMs, signal }: SendAgainOptions,
): Promise<{ readonly entry: DeadEntry; readonly outcome: SendOutcome }[]> {
  const records = chunk.map(({ letter, decoded }) => {
    const record = redriveRecord(letter, [commandTopic]);
    if (sign === undefined || !decoded.ok) return record;
    const { requestId, expiresAt } = decoded.command;
    return sign(record, { kind: 'redrive', id: requestId, expiresAt });
  });
  const sent = await backend.publish(records, { timeoutMs, signal });
  const acknowledged = chunk.filter((_, position) => sent[position]?.ok);
  const notes = acknowledged.map(({ place, letter }) => redrivenRecord({ topic, ...place }, letter));
  // Without the signal: dead letters that were sent must be marked.
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

/** Returns whether the failure is one of Kafka at this time, not one of the record. */
function mayPass({ retryable, code }: PusherError): boolean {
  return retryable || code === 'ABORTED' || code === 'CLOSED';
}
