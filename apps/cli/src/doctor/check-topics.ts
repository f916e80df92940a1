import type { TopicReplicas } from '@preservarium/backend';
import { type Deployment, type TopicRole, topicsOf } from './deployment.js';
import { type Finding, fail, warn } from './finding.js';

interface Topic {
  readonly role: TopicRole;
  readonly name: string;
  readonly replicas: TopicReplicas;
  readonly config: Readonly<Record<string, string>>;
}

type TopicRule = (topic: Topic, deployment: Deployment) => Finding | undefined;

const compacted: readonly TopicRole[] = ['settings', 'reported settings'];
/** Topics of records that other programs depend on: a lost record is a lost command or state. */
const precious: readonly TopicRole[] = ['commands', 'waiting', 'settings'];

const rules: readonly TopicRule[] = [
  leaders,
  replication,
  inSync,
  unclean,
  cleanup,
  retention,
  sizes,
  partitions,
];

/** Checks existence, replication, retention, compaction and sizes of the topics. */
export function checkTopics(deployment: Deployment): readonly Finding[] {
  const topics = existing(deployment);
  return [
    ...missing(deployment),
    ...topics.flatMap((topic) => rules.flatMap((rule) => rule(topic, deployment) ?? [])),
  ];
}

function existing({ kafka, cluster, topicConfigs }: Deployment): readonly Topic[] {
  const found = new Map(cluster.topics.map((replicas) => [replicas.topic, replicas]));
  return Object.entries(topicsOf(kafka)).flatMap(([role, name]) => {
    const replicas = found.get(name);
    return replicas === undefined
      ? []
      : [{ role: role as TopicRole, name, replicas, config: topicConfigs.get(name) ?? {} }];
  });
}

function missing(deployment: Deployment): readonly Finding[] {
  const known = new Set(existing(deployment).map(({ role }) => role));
  const replication = Math.min(3, deployment.cluster.brokers.length);
  return Object.entries(topicsOf(deployment.kafka)).flatMap(([role, name]) => {
    if (known.has(role as TopicRole)) return [];
    const config = compacted.includes(role as TopicRole) ? ' --config cleanup.policy=compact' : '';
    const finding = {
      subject: `topic ${name}`,
      what: 'the topic does not exist',
      why: `it is the topic of ${role}`,
      run: `pusher topics create ${name} --partitions 6 --replication ${replication}${config}`,
    };
    return [role === 'commands' ? fail(finding) : warn(finding)];
  });
}

function leaders({ name, replicas }: Topic, { kafka }: Deployment): Finding | undefined {
  const without = replicas.partitions.filter(({ hasLeader }) => !hasLeader);
  if (without.length === 0) return undefined;
  return fail({
    subject: `topic ${name}`,
    what: `${without.length} of ${replicas.partitions.length} partitions have no leader`,
    why: 'their devices get no commands, and pushes to them are rejected',
    run: `start the brokers of \`kafka-topics.sh --bootstrap-server ${kafka.brokers[0]} --describe --topic ${name} --unavailable-partitions\``,
  });
}

function replication({ role, name, replicas }: Topic, { kafka, cluster }: Deployment): Finding | undefined {
  const least = Math.min(...replicas.partitions.map((partition) => partition.replicas));
  const behind = replicas.partitions.filter((partition) => partition.inSync < partition.replicas);
  if (behind.length > 0) {
    return warn({
      subject: `topic ${name}`,
      what: `${behind.length} of ${replicas.partitions.length} partitions have replicas that are not in sync`,
      why: 'one more broker that fails may stop pushes or lose records',
      run: `start or mend the brokers of \`kafka-topics.sh --bootstrap-server ${kafka.brokers[0]} --describe --topic ${name} --under-replicated-partitions\``,
    });
  }
  if (least >= 3) return undefined;
  const finding = {
    subject: `topic ${name}`,
    what: `replication factor ${least}, of ${cluster.brokers.length} brokers`,
    why:
      least === 1
        ? 'the loss of one broker loses the records'
        : 'with one broker away, either pushes stop or a second failure loses records',
    run: `kafka-reassign-partitions.sh --bootstrap-server ${kafka.brokers[0]} --execute --reassignment-json-file …, with 3 replicas of each partition${cluster.brokers.length < 3 ? ', once there are 3 brokers' : ''}`,
  };
  return least === 1 && precious.includes(role) ? fail(finding) : warn(finding);
}

function inSync({ role, name, replicas, config }: Topic, { kafka }: Deployment): Finding | undefined {
  const least = Math.min(...replicas.partitions.map((partition) => partition.replicas));
  const needed = Number(config['min.insync.replicas'] ?? 1);
  if (needed > 1 && needed >= least) {
    return fail({
      subject: `topic ${name}`,
      what: `min.insync.replicas is ${needed}, and there are ${least} replicas`,
      why: needed > least ? 'no push is accepted' : 'no push is accepted while one broker is away',
      run: configure(kafka.brokers, name, `min.insync.replicas=${Math.max(1, least - 1)}`),
    });
  }
  if (least < 3 || needed > 1) return undefined;
  const finding = {
    subject: `topic ${name}`,
    what: 'min.insync.replicas is 1',
    why: 'a push counts as acknowledged when one broker has it; the loss of that broker loses it',
    run: configure(kafka.brokers, name, 'min.insync.replicas=2'),
  };
  return precious.includes(role) ? fail(finding) : warn(finding);
}

function unclean({ name, config }: Topic, { kafka }: Deployment): Finding | undefined {
  if (config['unclean.leader.election.enable'] !== 'true') return undefined;
  return fail({
    subject: `topic ${name}`,
    what: 'unclean.leader.election.enable is true',
    why: 'a broker that lacks acknowledged records may become leader, and they are lost',
    run: configure(kafka.brokers, name, 'unclean.leader.election.enable=false'),
  });
}

function cleanup({ role, name, config }: Topic, { kafka }: Deployment): Finding | undefined {
  const isCompacted = config['cleanup.policy']?.includes('compact') ?? false;
  const isDeleted = config['cleanup.policy']?.includes('delete') ?? false;
  if (!compacted.includes(role)) {
    if (!isCompacted) return undefined;
    return fail({
      subject: `topic ${name}`,
      what: 'the topic is compacted',
      why: 'Kafka removes all records of a device but the last',
      run: configure(kafka.brokers, name, 'cleanup.policy=delete'),
    });
  }
  if (isCompacted && !isDeleted) return undefined;
  return fail({
    subject: `topic ${name}`,
    what: `cleanup.policy is ${config['cleanup.policy']}`,
    why: 'Kafka removes the settings of devices after the retention',
    run: configure(kafka.brokers, name, 'cleanup.policy=compact'),
  });
}

function retention(topic: Topic, { kafka, maxWaitMs, maxDowntimeMs }: Deployment): Finding | undefined {
  const { role, name, config } = topic;
  const needed = { commands: maxWaitMs, waiting: maxWaitMs + maxDowntimeMs }[role as string];
  if (needed === undefined) return undefined;
  const bytes = Number(config['retention.bytes'] ?? -1);
  if (bytes >= 0) {
    return warn({
      subject: `topic ${name}`,
      what: `retention.bytes is ${bytes}`,
      why: 'many commands at once make Kafka remove those that were not delivered yet',
      run: configure(kafka.brokers, name, 'retention.bytes=-1'),
    });
  }
  const kept = Number(config['retention.ms'] ?? -1);
  if (kept < 0 || kept >= needed) return undefined;
  return fail({
    subject: `topic ${name}`,
    what: `retention.ms is ${kept}, and commands may wait for ${needed} ms`,
    why: 'Kafka removes commands that still wait: they are never delivered, and nothing says so',
    run: configure(kafka.brokers, name, `retention.ms=${needed}`),
  });
}

function sizes({ role, name, config }: Topic, { kafka, topicConfigs }: Deployment): Finding | undefined {
  if (role !== 'waiting' && role !== 'dead letters') return undefined;
  const own = Number(config['max.message.bytes']);
  const ofCommands = Number(topicConfigs.get(kafka.commandTopic)?.['max.message.bytes']);
  if (!(own < ofCommands)) return undefined;
  const finding = {
    subject: `topic ${name}`,
    what: `max.message.bytes is ${own}, and that of ${kafka.commandTopic} ${ofCommands}`,
    why:
      role === 'waiting'
        ? 'the largest commands cannot wait, and hold their partition up'
        : 'the largest commands become dead letters without their content',
    run: configure(kafka.brokers, name, `max.message.bytes=${ofCommands}`),
  };
  return role === 'waiting' ? fail(finding) : warn(finding);
}

function partitions({ role, name, replicas }: Topic, { kafka, cluster }: Deployment): Finding | undefined {
  const ofCommands = cluster.topics.find(({ topic }) => topic === kafka.commandTopic)?.partitions.length;
  const own = replicas.partitions.length;
  if (role !== 'waiting' || ofCommands === undefined || own >= ofCommands) return undefined;
  return fail({
    subject: `topic ${name}`,
    what: `${own} partitions, and ${kafka.commandTopic} has ${ofCommands}`,
    why: 'commands of the other partitions cannot wait for their devices',
    run: `kafka-topics.sh --bootstrap-server ${kafka.brokers[0]} --alter --topic ${name} --partitions ${ofCommands}`,
  });
}

function configure(brokers: readonly string[], topic: string, setting: string): string {
  return `kafka-configs.sh --bootstrap-server ${brokers[0]} --alter --entity-type topics --entity-name ${topic} --add-config ${setting}`;
}
