import { type CommandMessage, parseCommand } from '@preservarium/core';
import { type CommandBytes, inputsOf } from '../../numbered-command.js';

/** 1,000 commands that have been validated, for the stages after that; they are pushed again and again. */
export function readyCommands(bytes: CommandBytes | undefined): readonly CommandMessage[] {
  const commands = { first: 0, count: 1_000, ...(bytes !== undefined && { bytes }) };
  return Array.from(inputsOf(commands), (input) => parseCommand(input));
}
