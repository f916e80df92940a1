import { z } from 'zod';
import { createRequestId } from './create-request-id.js';
import { deviceIdSchema, requestIdSchema } from './identifiers.js';
import { instantSchema } from './instant.js';
import { jsonObjectSchema } from './json-object-schema.js';

/** The desired settings of one device: a state that lasts, where a command is an act. */
export const deviceSettingsSchema = z.strictObject({
  /** Names this push. Default: a new UUID version 7. */
  requestId: requestIdSchema.default(createRequestId),
  /** When it was issued. Default: now. */
  timestamp: instantSchema.default(() => new Date()),
  /** The device they are for; also the Kafka key, so the topic keeps the latest of each device. */
  deviceId: deviceIdSchema,
  /** The desired settings as a whole: what is not in it is not desired. */
  settings: jsonObjectSchema,
  /** Passed through to the connectors. Default: none. */
  metadata: jsonObjectSchema.default({}),
});

export type DeviceSettingsInput = z.input<typeof deviceSettingsSchema>;

/** Valid settings with all defaults filled in. */
export type DeviceSettings = z.output<typeof deviceSettingsSchema>;
