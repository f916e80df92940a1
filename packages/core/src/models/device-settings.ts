import { z } from 'zod';
import { createRequestId } from './create-request-id.js';
import { type FieldTable, modelShape } from './field-table.js';
import { deviceIdSchema, issuedBySchema, protocolSchema, requestIdSchema } from './identifiers.js';
import { instantSchema } from './instant.js';
import { jsonObjectSchema } from './json-object-schema.js';
import type { JsonObject } from './json-value.js';
import type { Protocol } from './protocols.js';

/**
 * Settings of one device, desired or reported, as an application gives them: a state that lasts, whereas a command is an action. Only
 * `deviceId` and `settings` are required.
 */
export interface DeviceSettingsInput {
  /** Identifies this push. 1 to 256 characters without control characters. Default: a new UUID version 7. */
  readonly requestId?: string | undefined;
  /** Time of issue: a `Date`, ISO 8601 text (UTC if it has no offset), or seconds or milliseconds since 1970. Default: now. */
  readonly timestamp?: Date | string | number | undefined;
  /** The device; also the Kafka key, so the topic keeps the latest settings of each device. 1 to 256 characters. */
  readonly deviceId: string;
  /** The complete settings, a JSON object of at most 64 levels: what is missing is not desired, or not reported. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Passed through to the connectors: a JSON object of at most 64 levels. Default: `{}`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The protocol that reaches the device. Default: the connector of the device decides. */
  readonly protocol?: Protocol | undefined;
  /**
   * The version that the settings were derived from: the offset of its record, or -1 for "there were none". The settings apply only if
   * no other version was written since. Default: they replace any version.
   */
  readonly baseVersion?: number | undefined;
  /** The issuer of the settings, for example `key:dashboard`. 1 to 256 characters. Default: not known. */
  readonly issuedBy?: string | undefined;
}

/** Valid settings with all defaults filled in. */
export interface DeviceSettings {
  /** Identifies this push. */
  readonly requestId: string;
  /** Time of issue, in milliseconds. */
  readonly timestamp: Date;
  /** The device; also the Kafka key. */
  readonly deviceId: string;
  /** The complete settings: what is missing is not desired, or not reported. */
  readonly settings: JsonObject;
  /** Passed through to the connectors. */
  readonly metadata: JsonObject;
  /** The protocol that reaches the device, in lower case. */
  readonly protocol?: string | undefined;
  /** The version that the settings were derived from; -1 for "there were none". */
  readonly baseVersion?: number | undefined;
  /** The issuer of the settings. */
  readonly issuedBy?: string | undefined;
}

/** Every field of settings; names, schema, decoder and encoder follow from it. */
export const deviceSettingsFields = {
  requestId: { wireName: 'request_id', model: requestIdSchema.default(createRequestId) },
  timestamp: { wireName: 'timestamp', model: instantSchema.default(() => new Date()) },
  deviceId: { wireName: 'device_id', model: deviceIdSchema },
  settings: { wireName: 'settings', model: jsonObjectSchema },
  metadata: { wireName: 'metadata', model: jsonObjectSchema.default({}) },
  protocol: { wireName: 'protocol', model: protocolSchema.optional() },
  baseVersion: {
    wireName: 'base_version',
    model: z.int('must be a whole number').min(-1, 'must be -1 or an offset').optional(),
  },
  issuedBy: { wireName: 'issued_by', model: issuedBySchema.optional() },
} as const satisfies FieldTable & Record<keyof DeviceSettings, unknown>;

/** Checks the input of settings and fills in the defaults. */
export const deviceSettingsSchema = z.strictObject(modelShape(deviceSettingsFields));
