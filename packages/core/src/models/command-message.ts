import { z } from 'zod';
import { createRequestId } from './create-request-id.js';
import {
  commandTypeSchema,
  deviceIdSchema,
  protocolSchema,
  requestIdSchema,
  supersedeKeySchema,
} from './identifiers.js';
import { instantSchema } from './instant.js';
import { jsonObjectSchema } from './json-object-schema.js';
import { fieldsOfProtocol, protocolFieldNames, protocolFields, protocolsOfField } from './protocol-fields.js';

/** A command to one device: what {@link createCommandSchema} makes of an input. */
export const commandMessageSchema = z
  .strictObject({
    /** Names this push; the same id again is the same command. Default: a new UUID version 7. */
    requestId: requestIdSchema.default(createRequestId),
    /** When it was issued. Default: now. */
    timestamp: instantSchema.default(() => new Date()),
    /** The device it is for; also the Kafka key, so the commands of one device keep their order. */
    deviceId: deviceIdSchema,
    /** What the device is to do, for example `set_led`. */
    commandType: commandTypeSchema,
    /** Arguments of the command. Default: none. */
    payload: jsonObjectSchema.default({}),
    /** How it reaches the device: `mqtt`, `coap`, `http` or one that the application registered. Lower-cased. */
    protocol: protocolSchema,
    ...protocolFields,
    /** Passed through to the connectors; protocol fields are mirrored here. Default: none. */
    metadata: jsonObjectSchema.default({}),
    /** Higher goes first among the commands of a device that wait. */
    priority: z.int('must be a whole number').optional(),
    /** From then on it is never delivered. */
    expiresAt: instantSchema.optional(),
    /**
     * A newer command of the same device with the same key replaces one that has not been dispatched; for example
     * `set-point`. Default: nothing replaces it.
     */
    supersedeKey: supersedeKeySchema.optional(),
  })
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

/** What an application gives: only `deviceId`, `commandType` and `protocol` are required. */
export type CommandInput = z.input<typeof commandMessageSchema>;

/** A valid command with all defaults filled in; dates are `Date`, the payload is plain JSON. */
export type CommandMessage = z.output<typeof commandMessageSchema>;
