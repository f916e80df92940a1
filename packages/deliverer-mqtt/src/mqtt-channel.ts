import type { CommandMessage, TopicTemplate } from '@preservarium/core';
import { isSettingsCommand } from '@preservarium/deliverer';
import type { CompleteOptions } from './deliverer-options.js';

type Templates = Pick<CompleteOptions, 'commands' | 'deviceSettings'>;

/** Returns the template of the topic of a command that names none. */
export function templateOf(command: CommandMessage, { commands, deviceSettings }: Templates): TopicTemplate {
  return isSettingsCommand(command) ? deviceSettings : commands;
}

/**
 * Returns the topic of a command that names one of its own. MQTT orders the messages of one topic, and the others need not wait for a topic to which nobody
 * subscribes.
 */
export function channelOf(command: CommandMessage, templates: Templates): string | undefined {
  const { topic } = command;
  return topic === undefined || topic === templateOf(command, templates).fill(command) ? undefined : topic;
}
