import { setTimeout as pause } from 'node:timers/promises';
import { TopicExistsError, TopicUnknownError } from '@preservarium/core';
import type { NewTopic, TopicAdmin } from './topic-admin.js';

const pollMs = 100;
const maxPolls = 100;

/**
 * Creates those of the topics that do not exist; the others stay as they are. Resolves once all of them can be used. Rejects
 * as `createTopic` does, but not where another process is faster.
 */
export async function createMissingTopics(admin: TopicAdmin, topics: readonly NewTopic[]): Promise<void> {
  const existing = new Set((await admin.listTopics()).map(({ topic }) => topic));
  for (const topic of topics) {
    if (existing.has(topic.topic)) continue;
    try {
      await admin.createTopic(topic);
    } catch (error) {
      if (!TopicExistsError.isInstance(error)) throw error;
      await untilListed(admin, topic.topic);
    }
  }
}

/** A topic exists a little earlier than all brokers know of it. */
async function untilListed(admin: TopicAdmin, topic: string): Promise<void> {
  for (let polls = 0; polls < maxPolls; polls++) {
    if ((await admin.listTopics()).some((listed) => listed.topic === topic)) return;
    await pause(pollMs);
  }
  throw new TopicUnknownError(topic);
}
