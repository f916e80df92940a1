import { type CommandMessage, settingsCommandType } from '@preservarium/core';

export { settingsCommandType };

/** Returns true if the command brings settings: the device answers it with its current settings. */
export function isSettingsCommand(command: Pick<CommandMessage, 'commandType' | 'supersedeKey'>): boolean {
  return command.commandType === settingsCommandType && command.supersedeKey === settingsCommandType;
}
