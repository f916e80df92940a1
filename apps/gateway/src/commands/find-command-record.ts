import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { decodeCommand } from '@preservarium/core';
import { readToEnd, topicEnds } from '@preservarium/dead-letters';

export interface WantedCommand {
  readonly deviceId: string;
  readonly requestId: string;
  /** When Kafka wrote it. */
  readonly publishedAt: Date;
}

export interface FindCommandRecordOptions {
  readonly topic: string;
  /** Deadline for each wait for Kafka, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The clocks of this process and of the brokers may differ. */
const marginMs = 5_000;
const maxRecords = 200_000;

/**
 * Returns the record of a command in the command topic. It reads from shortly before the time at which the command was written; undefined if it
 * is not among the next 200,000 records.
 */
export async function findCommandRecord(
  backend: Backend,
  { deviceId, requestId, publishedAt }: WantedCommand,
  { topic, timeoutMs, signal }: FindCommandRecordOptions,
): Promise<ConsumedRecord | undefined> {
  const done = new AbortController();
  let found: ConsumedRecord | undefined;
  let readCount = 0;

  function onRecord(record: ConsumedRecord): void {
    readCount++;
    if (readCount > maxRecords) done.abort();
    if (found !== undefined || record.key?.toString() !== deviceId) return;
    const decoded = decodeCommand(record.value);
    if (!decoded.ok || decoded.command.requestId !== requestId) return;
    found = record;
    done.abort();
  }

  const ends = await topicEnds(backend, { topic, timeoutMs, signal });
  const lastMs = Math.max(0, Date.now() - publishedAt.getTime()) + marginMs;
  try {
    await readToEnd(backend, {
      ...{ topic, ends, timeoutMs, onRecord },
      from: { lastMs },
      signal: AbortSignal.any([done.signal, signal]),
    });
  } catch (error) {
    if (!done.signal.aborted) throw error;
  }
  return found;
}
