import type { KafkaOptions } from '@preservarium/backend';
import kafkajs from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

const operations = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Create: kafkajs.AclOperationTypes.CREATE,
  Alter: kafkajs.AclOperationTypes.ALTER,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
  DescribeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
} as const;

/** Operations, by the names that Kafka's documentation gives them. */
export type AccessOperation = keyof typeof operations;

/** Operations on a topic or a group that a user is allowed. */
export interface Access {
  readonly username: string;
  readonly kind: 'topic' | 'group';
  /** The name, or with `*` at its end the beginning of the name. */
  readonly name: string;
  readonly operations: readonly AccessOperation[];
}

/** Lets users do this, from any host; `settings` are those of a user with all permissions. */
export async function grantAccess(settings: KafkaOptions, granted: readonly Access[]): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    await admin.createAcls({
      acl: granted.flatMap(({ username, kind, name, operations: allowed }) =>
        allowed.map((operation) => ({
          resourceType: kafkajs.AclResourceTypes[kind === 'topic' ? 'TOPIC' : 'GROUP'],
          resourceName: name.replace(/\*$/, ''),
          resourcePatternType: kafkajs.ResourcePatternTypes[name.endsWith('*') ? 'PREFIXED' : 'LITERAL'],
          principal: `User:${username}`,
          host: '*',
          operation: operations[operation],
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        })),
      ),
    });
  } finally {
    await admin.disconnect();
  }
}
