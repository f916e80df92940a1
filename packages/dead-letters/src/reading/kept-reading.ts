import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import { TopicUnknownError } from '@preservarium/core';
import { type DeadLetters, type ReadDeadLettersOptions, readDeadLetters } from './read-dead-letters.js';

/**
 * Returns a function that reads the topic of dead letters if it has changed since its last call, and keeps the reading otherwise. Calls at the same
 * time share one reading; undefined where there is no topic.
 */
export function keepReading(
  backend: Backend,
  options: ReadDeadLettersOptions,
): () => Promise<DeadLetters | undefined> {
  const { topic, timeoutMs, signal } = options;
  let kept: { readonly offsets: string; readonly letters: DeadLetters } | undefined;
  let reading: Promise<DeadLetters | undefined> | undefined;

  async function read(): Promise<DeadLetters | undefined> {
    try {
      // Records come and go only with another beginning or end. Asked before the reading: what comes meanwhile is a change.
      const asked = backend.offsets({ topic, groupId: `pusher_dead_letters_${randomUUID()}` });
      const offsets = JSON.stringify(
        await withDeadline(asked, { doing: `read ${topic}`, timeoutMs, signal }),
      );
      if (offsets === kept?.offsets) return kept.letters;
      kept = undefined;
      kept = { offsets, letters: await readDeadLetters(backend, options) };
      return kept.letters;
    } catch (error) {
      if (TopicUnknownError.isInstance(error)) return undefined;
      throw error;
    }
  }

  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}
