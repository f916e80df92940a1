import { type CommandMessage, decodeCommand, encodeCommand } from '@preservarium/core';
import type { CommandBytes } from '../../numbered-command.js';
import { readyCommands } from '../../push/ways/ready-commands.js';
import type { Workload } from './workload.js';

/** Encodes validated commands. */
export function encodeWorkload(bytes: CommandBytes): Workload {
  const count = 20_000;
  const commands = readyCommands(bytes);
  return {
    bytes,
    count,
    prepare: async () => () => {
      for (let encoded = 0; encoded < count; encoded++) {
        encodeCommand(commands[encoded % commands.length] as CommandMessage);
      }
    },
  };
}

/** Decodes commands as this project encodes them. */
export function decodeWorkload(bytes: CommandBytes): Workload {
  const count = 8_000;
  const values = readyCommands(bytes).map((command) => encodeCommand(command));
  return {
    bytes,
    count,
    prepare: async () => () => {
      for (let decoded = 0; decoded < count; decoded++) {
        const { ok } = decodeCommand(values[decoded % values.length] as Uint8Array);
        if (!ok) throw new TypeError('a command of this benchmark was not decoded');
      }
    },
  };
}
