import { TopicExistsError } from '@preservarium/core';
import type { TopicAdmin } from '@preservarium/publisher';

// Not the names that real connectors listen to: the Kafka in use may be one that has devices behind it.
export const commandTopic = 'demo_device_commands';
export const settingsTopic = 'demo_device_settings';

export async function createTopics(admin: TopicAdmin): Promise<void> {
  await createTopic(admin, commandTopic, 'delete');
  await createTopic(admin, settingsTopic, 'compact');
}

async function createTopic(admin: TopicAdmin, topic: string, cleanup: 'delete' | 'compact'): Promise<void> {
  try {
    await admin.createTopic({ topic, partitions: 10, config: { 'cleanup.policy': cleanup } });
  } catch (error) {
    if (!TopicExistsError.isInstance(error)) throw error;
  }
}
