import { z } from 'zod';
import { commandFields } from './command-fields.js';
import { modelShape } from './field-table.js';
import { fieldsOfProtocol, protocolFieldNames, protocolsOfField } from './protocol-fields.js';

/** Checks the input of a command and fills in its defaults; `parseCommand` does more. */
export const commandMessageSchema = z
  .strictObject(modelShape(commandFields))
  .superRefine((command, context) => {
    const allowed = fieldsOfProtocol(command.protocol);
    for (const field of protocolFieldNames) {
      if (command[field] === undefined || allowed.includes(field)) continue;
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `belongs to ${protocolsOfField(field).join(' and ')}, not to ${command.protocol}`,
      });
    }
  });
