import { setTimeout as pauseFor } from 'node:timers/promises';
import { TopicUnknownError } from '@preservarium/core';

/** A topic that another broker created may be unknown to a broker for this long. */
const propagationMs = 1_000;
const pollMs = 100;
const maxMissingTopics = 1_000;

export interface TopicReader {
  /** Returns the number of partitions of a topic. Rejects with `TOPIC_UNKNOWN`, `BACKEND_UNAVAILABLE` and so on. */
  partitionsOf(topic: string, timeoutMs: number): Promise<number>;
}

/** Asks again for a topic that is not known; one that stayed unknown is asked for once from then on. */
export function createPatientReader({ partitionsOf }: TopicReader): TopicReader {
  const missingTopics = new Set<string>();

  function noteMissing(topic: string): void {
    // Forgetting one means that it is waited for once more.
    if (missingTopics.size === maxMissingTopics) missingTopics.clear();
    missingTopics.add(topic);
  }

  return {
    async partitionsOf(topic, timeoutMs) {
      const deadlineAtMs = Date.now() + timeoutMs;
      const giveUpAtMs = missingTopics.has(topic) ? 0 : Math.min(Date.now() + propagationMs, deadlineAtMs);
      for (;;) {
        try {
          const partitions = await partitionsOf(topic, deadlineAtMs - Date.now());
          missingTopics.delete(topic);
          return partitions;
        } catch (error) {
          if (!TopicUnknownError.isInstance(error)) throw error;
          if (Date.now() >= giveUpAtMs) {
            noteMissing(topic);
            throw error;
          }
        }
        await pauseFor(pollMs);
      }
    },
  };
}
