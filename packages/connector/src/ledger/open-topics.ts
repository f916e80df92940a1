import type { StartFrom, TopicAdmin, TopicConfigs } from '@preservarium/backend';
import { type CheckTopicsOptions, checkTopics } from './check-topics.js';
import { type PrepareTopicsOptions, prepareTopics } from './prepare-topics.js';
import { type StartOfCommandsOptions, startOfCommands } from './start-of-commands.js';

type OpenTopicsOptions = PrepareTopicsOptions & CheckTopicsOptions & StartOfCommandsOptions;

/** The facts about its topics that the connector needs. */
export interface OpenedTopics {
  /** Where a group without committed offsets starts on the command topic. */
  readonly from: StartFrom;
  /** How long the command topic keeps a record, in milliseconds; undefined without limit, or where it is not known. */
  readonly commandRetentionMs: number | undefined;
}

/**
 * Creates the topics of the connector's own that are missing, and checks the others.
 *
 * @throws as `prepareTopics` and `checkTopics` do
 */
export async function openTopics(
  admin: TopicAdmin,
  configs: TopicConfigs | undefined,
  options: OpenTopicsOptions,
): Promise<OpenedTopics> {
  await prepareTopics(admin, options);
  const commandRetentionMs = await checkTopics(configs, options);
  return { from: await startOfCommands(admin, options), commandRetentionMs };
}
