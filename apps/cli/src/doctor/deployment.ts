import type { ClusterDescription } from '@preservarium/backend';
import type { EnvironmentOptions } from '@preservarium/environment';
import type { ConnectorGroup } from '../connectors/describe-connectors.js';
import type { RecentCommands } from './recent-commands.js';

/** The facts that were read of a deployment. */
export interface Deployment {
  readonly kafka: EnvironmentOptions;
  readonly cluster: ClusterDescription;
  /** Settings of the topics that exist, by topic. */
  readonly topicConfigs: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly groups: readonly ConnectorGroup[];
  readonly commands: RecentCommands;
  /** How long a command may wait for its device, in milliseconds. */
  readonly maxWaitMs: number;
  /** How long no connector may run without losing a command that waits, in milliseconds. */
  readonly maxDowntimeMs: number;
  readonly nowMs: number;
}

export type TopicRole = 'commands' | 'waiting' | 'events' | 'dead letters' | 'settings' | 'reported settings';

/** Returns the names of the topics by what they are for. */
export function topicsOf(kafka: EnvironmentOptions): Readonly<Record<TopicRole, string>> {
  return {
    commands: kafka.commandTopic,
    waiting: kafka.waitingTopic,
    events: kafka.eventTopic,
    'dead letters': kafka.deadLetterTopic,
    settings: kafka.settingsTopic,
    'reported settings': kafka.reportedSettingsTopic,
  };
}
