import { z } from 'zod';
import { createRequestId } from './create-request-id.js';
import { deviceIdSchema, protocolSchema, requestIdSchema } from './identifiers.js';
import { instantSchema } from './instant.js';
import { jsonObjectSchema } from './json-object-schema.js';

/** The settings of one device, desired or reported: a state that lasts, where a command is an act. */
export const deviceSettingsSchema = z.strictObject({
  /** Names this push. Default: a new UUID version 7. */
  requestId: requestIdSchema.default(createRequestId),
  /** When it was issued. Default: now. */
  timestamp: instantSchema.default(() => new Date()),
  /** The device they are for; also the Kafka key, so the topic keeps the latest of each device. */
  deviceId: deviceIdSchema,
  /** The settings as a whole: what is not in them is not desired, or not reported. */
  settings: jsonObjectSchema,
  /** Passed through to the connectors. Default: none. */
  metadata: jsonObjectSchema.default({}),
  /** How they reach the device. Default: whoever delivers them knows. */
  protocol: protocolSchema.optional(),
  /**
   * The version they were made from: the offset of its record, or -1 for "there were none". They count only if nothing has
   * come in between. Default: they replace whatever there is.
   */
  baseVersion: z.int('must be a whole number').min(-1, 'must be -1 or an offset').optional(),
});

export type DeviceSettingsInput = z.input<typeof deviceSettingsSchema>;

/** Valid settings with all defaults filled in. */
export type DeviceSettings = z.output<typeof deviceSettingsSchema>;
