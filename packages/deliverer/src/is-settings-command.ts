import type { CommandMessage } from '@preservarium/core';

/** The type of a command that brings settings to a device; also its supersede key: a newer one replaces it. */
export const settingsCommandType = 'settings';

/** Returns true if the command brings settings: the device answers it with its current settings. */
export function isSettingsCommand(command: Pick<CommandMessage, 'commandType' | 'supersedeKey'>): boolean {
  return command.commandType === settingsCommandType && command.supersedeKey === settingsCommandType;
}
