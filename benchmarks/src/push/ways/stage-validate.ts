import { parseCommand } from '@preservarium/core';
import { inputsOf } from '../../numbered-command.js';
import type { OpenWay } from './way.js';

/** Makes each command as an application does and validates it, and no more. */
export async function openStageValidate(): Promise<OpenWay> {
  return {
    async pushAll(commands) {
      for (const input of inputsOf(commands)) parseCommand(input);
      return [];
    },
    close: async () => {},
  };
}
