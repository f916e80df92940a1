import type { JsonObject } from './json-value.js';
import type { Method, Protocol } from './protocols.js';
import type { RequiredEvidence } from './required-evidence.js';

/** The fields of a command that belong to one protocol. */
export interface ProtocolFields {
  /** MQTT: topic to publish to, without wildcards, at most 65,535 bytes. Default: the connector's template. */
  readonly topic?: string | undefined;
  /** MQTT: quality of service. Default: the connector's. */
  readonly qos?: 0 | 1 | 2 | undefined;
  /** MQTT: whether the broker keeps the message for later subscribers. Default: the connector's. */
  readonly retain?: boolean | undefined;
  /** CoAP and HTTP: path on the device's server, without `..`; segments have at most 255 bytes. Default: the connector's. */
  readonly path?: string | undefined;
  /** CoAP and HTTP: request method. Default: `POST`. */
  readonly method?: Method | undefined;
  /** CoAP: whether the device must acknowledge the message (RFC 7252, section 4.2). Default: true. */
  readonly confirmable?: boolean | undefined;
}

/** A command as an application gives it. Only `deviceId`, `commandType` and `protocol` are required. */
export interface CommandInput extends ProtocolFields {
  /**
   * Identifies this push: the same id again is the same command. 1 to 256 characters without control characters. Default: a new UUID
   * version 7.
   */
  readonly requestId?: string | undefined;
  /** Time of issue: a `Date`, ISO 8601 text (UTC if it has no offset), or seconds or milliseconds since 1970. Default: now. */
  readonly timestamp?: Date | string | number | undefined;
  /**
   * The target device; also the Kafka key, so commands of one device keep their order. 1 to 256 characters without control
   * characters.
   */
  readonly deviceId: string;
  /** The action of the device, for example `set_led`. 1 to 128 characters without control characters; `feedback` is reserved. */
  readonly commandType: string;
  /**
   * Arguments of the command: a JSON object of at most 64 levels. Bytes become lower-case hex, dates ISO 8601 text. Default: `{}`.
   */
  readonly payload?: Readonly<Record<string, unknown>> | undefined;
  /** The protocol that reaches the device: `mqtt`, `coap`, `http`, or one that the application registered. */
  readonly protocol: Protocol;
  /** Passed through to the connectors, with the protocol fields mirrored into it: a JSON object of at most 64 levels. Default: `{}`. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Order among the waiting commands of a device: an integer, the highest first. Default: none, which counts as 0. */
  readonly priority?: number | undefined;
  /** Time from which the command is not delivered any more, in the forms of `timestamp`. Default: it never expires. */
  readonly expiresAt?: Date | string | number | undefined;
  /**
   * A newer command of the same device with the same key replaces one that is not dispatched yet, for example `set-point`. 1 to 128
   * characters without control characters. Default: nothing replaces it.
   */
  readonly supersedeKey?: string | undefined;
  /**
   * The evidence that ends the command: `gateway`, a broker or gateway has it; `device`, the device acknowledged it; `executed`, the device
   * reported the result. Until then the next command of the device waits, and the connector sends this one again. Default: the device type's, then
   * the connector's, then what the protocol proves by itself.
   */
  readonly requiredEvidence?: RequiredEvidence | undefined;
  /**
   * How long the device may take to answer an attempt, in milliseconds: a whole number from 1 to 2,147,483,647. It counts from the acknowledgement of
   * the gateway, where the required evidence is more than that. Default: the device type's, then the connector's.
   */
  readonly answerWithinMs?: number | undefined;
  /**
   * The issuer of the command, for example `key:dashboard`; its lifecycle events carry it too. 1 to 256 characters without control characters. The
   * gateway sets it. Default: not known.
   */
  readonly issuedBy?: string | undefined;
}

/** A valid command with all defaults filled in: times are `Date`, payload and metadata are plain JSON. */
export interface CommandMessage extends ProtocolFields {
  /** Identifies this push: the same id again is the same command. 1 to 256 characters. */
  readonly requestId: string;
  /** Time of issue, in milliseconds. */
  readonly timestamp: Date;
  /** The target device; also the Kafka key. 1 to 256 characters. */
  readonly deviceId: string;
  /** The action of the device, for example `set_led`. 1 to 128 characters. */
  readonly commandType: string;
  /** Arguments of the command. */
  readonly payload: JsonObject;
  /** The protocol that reaches the device, in lower case. Any text of at most 64 characters: a decoded command may name any. */
  readonly protocol: string;
  /** Passed through to the connectors; the protocol fields are mirrored into it. */
  readonly metadata: JsonObject;
  /** Order among the waiting commands of a device, the highest first. */
  readonly priority?: number | undefined;
  /** Time from which the command is not delivered any more. */
  readonly expiresAt?: Date | undefined;
  /** A newer command of the same device with the same key replaces one that is not dispatched yet. */
  readonly supersedeKey?: string | undefined;
  /** The evidence that ends the command. */
  readonly requiredEvidence?: RequiredEvidence | undefined;
  /** How long the device may take to answer an attempt, in milliseconds. */
  readonly answerWithinMs?: number | undefined;
  /** The issuer of the command. */
  readonly issuedBy?: string | undefined;
}
