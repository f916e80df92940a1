import type { KafkaOptions } from '@preservarium/backend';
import kafkajs from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

/** Lets a user write to a topic, from any host; `settings` are those of a user with all permissions. */
export async function allowWriting(
  settings: KafkaOptions,
  { topic, username }: { readonly topic: string; readonly username: string },
): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.createAcls({
      acl: [
        {
          resourceType: kafkajs.AclResourceTypes.TOPIC,
          resourceName: topic,
          resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
          principal: `User:${username}`,
          host: '*',
          operation: kafkajs.AclOperationTypes.WRITE,
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        },
      ],
    });
  } finally {
    await admin.disconnect();
  }
}
