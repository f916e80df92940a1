import { type CommandMessage, encodeCommand } from '@preservarium/core';
import { readyCommands } from './ready-commands.js';
import type { OpenWay } from './way.js';

/** Encodes validated commands, and no more. */
export async function openStageEncode(): Promise<OpenWay> {
  return {
    async pushAll({ count, bytes }) {
      const commands = readyCommands(bytes);
      for (let encoded = 0; encoded < count; encoded++) {
        encodeCommand(commands[encoded % commands.length] as CommandMessage);
      }
      return [];
    },
    close: async () => {},
  };
}
