import type { TopicAdmin } from '@preservarium/backend';
import { TopicExistsError } from '@preservarium/core';
import type { KafkaCluster } from '@preservarium/dev-services';
import type { CreateBackend } from './backends.js';
import { nameTopics } from './name-topics.js';

/** Names that real connectors do not read, because the Kafka in use may serve real devices. */
export const topics = {
  commands: 'demo_device_commands',
  settings: 'demo_device_settings',
  reportedSettings: 'demo_device_settings_reported',
  waiting: 'demo_device_commands_waiting',
  deadLetters: 'demo_device_commands_dead',
  events: 'demo_device_command_events',
} as const;

/** Topics that keep the latest record of each device. */
const lastingTopics: readonly string[] = [topics.settings, topics.reportedSettings];

/** Creates the topics that do not exist yet. */
export async function createTopics({ kind, settings }: KafkaCluster, create: CreateBackend): Promise<void> {
  if (kind === 'mock') return nameTopics(settings, Object.values(topics));
  const backend = create(settings);
  try {
    await Promise.all(Object.values(topics).map((topic) => createTopic(backend, topic)));
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
}

async function createTopic(admin: TopicAdmin, topic: string): Promise<void> {
  const config = {
    'cleanup.policy': lastingTopics.includes(topic) ? 'compact' : 'delete',
    // Connectors refuse one that removes commands that may still wait.
    ...(topic === topics.waiting && { 'retention.ms': '-1' }),
  };
  try {
    await admin.createTopic({ topic, partitions: 10, config });
  } catch (error) {
    if (!TopicExistsError.isInstance(error)) throw error;
  }
}
