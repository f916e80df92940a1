import type { Logger, TopicConfigs } from '@preservarium/backend';
import { ConfigurationError, TopicUnknownError } from '@preservarium/core';
import type { OwnTopics } from './prepare-topics.js';

export interface CheckTopicsOptions {
  readonly topics: Pick<OwnTopics, 'commands' | 'waiting' | 'deadLetters' | 'events'>;
  /** How long the waiting topic must keep records at least. */
  readonly waitingRetentionMs: number;
  readonly logger: Pick<Logger, 'warn'>;
}

type Settings = Readonly<Record<string, string>>;

/**
 * Compares the settings of topics with what the connector needs of them.
 *
 * @returns how long the command topic keeps a record, in milliseconds; undefined without limit, or where it is not known
 * @param configs undefined where no client reads settings: that is logged, once
 * @throws ConfigurationError with the command that mends it
 */
export async function checkTopics(
  configs: TopicConfigs | undefined,
  { topics, waitingRetentionMs, logger }: CheckTopicsOptions,
): Promise<number | undefined> {
  const read = await readAll(configs, topics, logger);
  if (read === undefined) return undefined;
  const { commands, waiting, deadLetters } = read;
  for (const [name, settings] of Object.entries(read)) {
    const topic = String(topics[name as keyof typeof topics]);
    if (settings['cleanup.policy']?.includes('compact'))
      refuse(
        topic,
        'is compacted, which removes all records of a device but the last',
        'cleanup.policy=delete',
      );
  }
  const retentionMs = retentionOf(waiting);
  if (retentionMs !== undefined && retentionMs < waitingRetentionMs) {
    refuse(
      topics.waiting,
      `keeps records for ${retentionMs} ms, and must keep them for ${waitingRetentionMs} ms, the longest wait (maxWaitMs) and the longest downtime (maxDowntimeMs)`,
      `retention.ms=${waitingRetentionMs}`,
    );
  }
  const maxBytes = numberOf(commands, 'max.message.bytes');
  const tooSmall = (topic: string, settings: Settings) => {
    const ownBytes = numberOf(settings, 'max.message.bytes');
    if (maxBytes === undefined || ownBytes === undefined || ownBytes >= maxBytes) return undefined;
    const problem = `takes ${ownBytes} bytes a batch, and "${topics.commands}" ${maxBytes}: it cannot keep the largest commands`;
    return { topic, problem, setting: `max.message.bytes=${maxBytes}` };
  };
  const [refused, cut] = [tooSmall(topics.waiting, waiting), tooSmall(topics.deadLetters, deadLetters)];
  if (refused !== undefined) refuse(refused.topic, refused.problem, refused.setting);
  // Dead letters that do not fit are written without their originals.
  if (cut !== undefined) logger.warn({}, advice(cut.topic, cut.problem, cut.setting));
  return retentionOf(commands);
}

async function readAll(
  configs: TopicConfigs | undefined,
  topics: CheckTopicsOptions['topics'],
  logger: Pick<Logger, 'warn'>,
): Promise<Readonly<Record<keyof typeof topics, Settings>> | undefined> {
  const fields = { topics: Object.values(topics) };
  const message = 'retention, message size and compaction of the topics cannot be checked';
  if (configs === undefined) {
    logger.warn(fields, `${message}: the client reads no settings of topics`);
    return undefined;
  }
  try {
    const settingsOf = async (topic: string | undefined) =>
      topic === undefined ? {} : await configs.topicConfig(topic);
    const [commands, waiting, deadLetters, events] = await Promise.all([
      settingsOf(topics.commands),
      settingsOf(topics.waiting),
      settingsOf(topics.deadLetters),
      settingsOf(topics.events),
    ]);
    return { commands, waiting, deadLetters, events };
  } catch (error) {
    if (TopicUnknownError.isInstance(error)) throw error;
    // Reading settings needs a permission of its own.
    logger.warn({ ...fields, err: error }, message);
    return undefined;
  }
}

function retentionOf(settings: Settings): number | undefined {
  const ms = numberOf(settings, 'retention.ms');
  return ms === undefined || ms < 0 ? undefined : ms;
}

function numberOf(settings: Settings, name: string): number | undefined {
  const number = Number(settings[name] ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

function refuse(topic: string, problem: string, setting: string): never {
  throw new ConfigurationError(advice(topic, problem, setting));
}

function advice(topic: string, problem: string, setting: string): string {
  return `topic "${topic}" ${problem}: change it with \`kafka-configs.sh --bootstrap-server <broker> --alter --entity-type topics --entity-name ${topic} --add-config ${setting}\``;
}
