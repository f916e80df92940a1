import type { CommandMessage } from './command.js';
import { type CommandField, commandFields } from './command-fields.js';

/** {@link commandFields} for code that treats all fields alike. */
export const commandFieldTable: Readonly<Record<keyof CommandMessage, CommandField>> = commandFields;
