import { TopicExistsError } from '@preservarium/core';
import type { NewTopic, TopicAdmin } from './topic-admin.js';

/**
 * Creates those of the topics that do not exist; the others stay as they are. Rejects as `createTopic` does, but not where
 * another process is faster.
 */
export async function createMissingTopics(admin: TopicAdmin, topics: readonly NewTopic[]): Promise<void> {
  const existing = new Set((await admin.listTopics()).map(({ topic }) => topic));
  for (const topic of topics) {
    if (existing.has(topic.topic)) continue;
    try {
      await admin.createTopic(topic);
    } catch (error) {
      if (!TopicExistsError.isInstance(error)) throw error;
    }
  }
}
