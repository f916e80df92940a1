import type { Backend } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import type { EnvironmentOptions } from '@preservarium/environment';
import { describeConnectors } from '../connectors/describe-connectors.js';
import { createBackend } from '../create-backend.js';
import { type Deployment, topicsOf } from './deployment.js';
import { readRecentCommands } from './recent-commands.js';

export interface ReadDeploymentOptions extends Pick<Deployment, 'maxWaitMs' | 'maxDowntimeMs'> {
  readonly kafka: EnvironmentOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Reads a deployment, and changes nothing of it. It uses kafkajs: node-rdkafka reads no settings of topics. */
export async function readDeployment(options: ReadDeploymentOptions): Promise<Deployment> {
  const { kafka, timeoutMs, signal, maxWaitMs, maxDowntimeMs } = options;
  const backend = await createBackend({ ...kafka, backend: 'kafkajs', compression: 'none' });
  try {
    const roles = topicsOf(kafka);
    const cluster = await withDeadline(describe(backend, Object.values(roles)), {
      doing: 'describe the cluster',
      timeoutMs,
      signal,
    });
    const existing = new Set(cluster.topics.map(({ topic }) => topic));
    const topicConfigs = new Map<string, Readonly<Record<string, string>>>();
    for (const topic of existing) topicConfigs.set(topic, (await backend.topicConfig?.(topic)) ?? {});
    const hasTopics = existing.has(roles.commands) && existing.has(roles.waiting);
    const groups = hasTopics ? await describeConnectors(backend, { settings: kafka, timeoutMs, signal }) : [];
    const commands = existing.has(roles.commands)
      ? await readRecentCommands(backend, { topic: roles.commands, timeoutMs, signal })
      : { read: 0, signed: 0, newestMs: 0 };
    return { kafka, cluster, topicConfigs, groups, commands, maxWaitMs, maxDowntimeMs, nowMs: Date.now() };
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
}

async function describe(backend: Backend, topics: readonly string[]): Promise<Deployment['cluster']> {
  const described = await backend.describeCluster?.(topics);
  if (described === undefined) throw new TypeError(`${backend.name} does not describe clusters`);
  return described;
}
