import { TopicExistsError } from '@preservarium/core';
import type { TopicAdmin } from '@preservarium/publisher';
import type { KafkaCluster } from '@preservarium/testkit';
import type { CreateBackend } from './backends.js';
import { nameTopics } from './name-topics.js';

// Not the names that real connectors listen to: the Kafka in use may be one that has devices behind it.
export const commandTopic = 'demo_device_commands';
export const settingsTopic = 'demo_device_settings';

/** Makes the topics where they are not there yet. */
export async function createTopics({ kind, settings }: KafkaCluster, create: CreateBackend): Promise<void> {
  if (kind === 'mock') return nameTopics(settings, [commandTopic, settingsTopic]);
  const backend = create(settings);
  try {
    await createTopic(backend, commandTopic, 'delete');
    await createTopic(backend, settingsTopic, 'compact');
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
}

async function createTopic(admin: TopicAdmin, topic: string, cleanup: 'delete' | 'compact'): Promise<void> {
  try {
    await admin.createTopic({ topic, partitions: 10, config: { 'cleanup.policy': cleanup } });
  } catch (error) {
    if (!TopicExistsError.isInstance(error)) throw error;
  }
}
