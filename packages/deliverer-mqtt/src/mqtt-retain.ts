import type { CommandMessage } from '@preservarium/core';
import { isSettingsCommand } from '@preservarium/deliverer';
import { templateOf } from './mqtt-channel.js';
import type { MqttDependencies } from './mqtt-dependencies.js';

/** Returns true if the broker is to keep the command for later subscribers. */
export function isRetained(command: CommandMessage, { settings, publisher }: MqttDependencies): boolean {
  return command.retain ?? (isSettingsCommand(command) ? publisher.takesRetained() : settings.retain);
}

/** Returns the topic at which the broker keeps the command; undefined where it keeps none. Settings stay until newer ones have their place. */
export function retainedTopicOf(command: CommandMessage, means: MqttDependencies): string | undefined {
  if (isSettingsCommand(command) || !isRetained(command, means)) return undefined;
  return command.topic ?? templateOf(command, means.settings).fill(command);
}
