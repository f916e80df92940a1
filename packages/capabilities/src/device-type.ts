import type { JsonObject, RequiredEvidence } from '@preservarium/core';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = JsonObject | boolean;

/** The commands and settings of one device type. */
export interface DeviceType {
  /** For example `lamp`. */
  readonly name: string;
  readonly description?: string | undefined;
  /**
   * Topics, payloads and answers of devices that have their own: `MqttDeviceType` of `@preservarium/deliverer-mqtt`, whose deliverer reads it. A push does not.
   */
  readonly mqtt?: JsonObject | undefined;
  /** Paths, payloads and answers of devices that have their own: `RequestDeviceType` of `@preservarium/deliverer`, which the deliverer of HTTP reads. A push does not. */
  readonly http?: JsonObject | undefined;
  /** The same over CoAP. */
  readonly coap?: JsonObject | undefined;
  /** By command type, as in `commandType: 'set_led'`. */
  readonly commands: Readonly<Record<string, CommandCapability>>;
  /** Schema of each setting, by its name; a name that is not here cannot be set. */
  readonly settings: Readonly<Record<string, JsonSchema>>;
}

/** A command that devices of a type understand. */
export interface CommandCapability {
  readonly description?: string | undefined;
  /** Schema of the payload. One of another type than `object` is that of its `$value`. Absent: the command takes no arguments. */
  readonly payload?: JsonObject | undefined;
  /** Schema of what the device answers. Absent: any result. */
  readonly result?: JsonSchema | undefined;
  /** The evidence that ends the command. Absent: the connector's. */
  readonly evidence?: RequiredEvidence | undefined;
  /** How long the device may take to answer, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** True if a repeated command does no harm. */
  readonly mayBeRepeated: boolean;
}
