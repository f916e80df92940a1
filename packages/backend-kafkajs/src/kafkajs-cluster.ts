import type { ClusterAdmin, ClusterDescription, Writers } from '@preservarium/backend';
import type { Admin, DescribeAclResource } from 'kafkajs';
import type { AskAdmin } from './kafkajs-groups.js';

// Numbers of Kafka's protocol; kafkajs does not export its enums to ES modules.
const any = 1;
const brokerResource = 4;
const topicResource = 2;
const allow = 3;
/** `ALL` and `WRITE`. */
const writing: readonly number[] = [2, 4];
const prefixed = 4;

export function createClusterAdmin(ask: AskAdmin): ClusterAdmin {
  async function replicasOf(topics: readonly string[]): Promise<ClusterDescription['topics']> {
    // Of all topics: Kafka may create one that is asked for by its name.
    const { topics: found } = await ask('read the replicas of the topics', (admin) =>
      admin.fetchTopicMetadata(),
    );
    const byName = new Map(found.map(({ name, partitions }) => [name, partitions]));
    return topics.flatMap((topic) => {
      const partitions = byName.get(topic);
      if (partitions === undefined) return [];
      const described = partitions.map(({ partitionId, replicas, isr, leader }) => ({
        partition: partitionId,
        replicas: replicas.length,
        inSync: isr.length,
        hasLeader: leader >= 0,
      }));
      return [{ topic, partitions: described.sort((one, other) => one.partition - other.partition) }];
    });
  }

  function brokerConfigOf(nodeId: number): Promise<ClusterDescription['brokerConfig']> {
    return ask('read the settings of a broker', async (admin) => {
      const resources = [{ type: brokerResource, name: String(nodeId) }];
      const answer = await unlessRefused(admin.describeConfigs({ resources, includeSynonyms: false }));
      const entries = answer?.resources.flatMap(({ configEntries }) => configEntries);
      return (
        entries && Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
      );
    });
  }

  function writersOf(topics: readonly string[]): Promise<Writers | undefined> {
    return ask('read who may write the topics', async (admin) => {
      try {
        const { resources } = (await unlessRefused(describeTopicRules(admin))) ?? {};
        return resources && topics.flatMap((topic) => writersIn(resources, topic));
      } catch (error) {
        if (typeOf(error) === 'SECURITY_DISABLED') return 'everybody';
        throw error;
      }
    });
  }

  return {
    async describeCluster(topics) {
      const { brokers } = await ask('describe the cluster', (admin) => admin.describeCluster());
      const described = await replicasOf(topics);
      const brokerConfig = brokers[0] && (await brokerConfigOf(brokers[0].nodeId));
      const writers = await writersOf(topics);
      return {
        brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
        topics: described,
        brokerConfig,
        writers,
      };
    },
  };
}

function describeTopicRules(admin: Admin): Promise<{ readonly resources: readonly DescribeAclResource[] }> {
  return admin.describeAcls({
    resourceType: topicResource,
    resourcePatternType: any,
    operation: any,
    permissionType: any,
  } as Parameters<Admin['describeAcls']>[0]);
}

function writersIn(resources: readonly DescribeAclResource[], topic: string): Exclude<Writers, string> {
  const principals = resources
    .filter(({ resourceName, resourcePatternType }) => {
      if (resourcePatternType === prefixed) return topic.startsWith(resourceName);
      return resourceName === topic || resourceName === '*';
    })
    .flatMap(({ acls }) => acls)
    .filter(({ operation, permissionType }) => permissionType === allow && writing.includes(operation))
    .map(({ principal }) => principal);
  return [...new Set(principals)].sort().map((principal) => ({ principal, topic }));
}

/** Resolves to undefined where this client lacks the permission. */
async function unlessRefused<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (typeOf(error) === 'CLUSTER_AUTHORIZATION_FAILED') return undefined;
    throw error;
  }
}

function typeOf(error: unknown): unknown {
  return (error as { readonly type?: unknown } | undefined)?.type;
}
