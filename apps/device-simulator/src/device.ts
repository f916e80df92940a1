import type { JsonValue } from '@preservarium/core';

/** A command as it arrives at a device. */
export interface ArrivedCommand {
  readonly protocol: 'mqtt' | 'coap' | 'http';
  readonly deviceId: string;
  /** MQTT topic or path. */
  readonly target: string;
  /** Absent if the message does not have it, as a CoAP request to the device's own server. */
  readonly requestId?: string;
  readonly commandType?: string;
  /** JSON value of the bytes; if they are no JSON, the bytes in hexadecimal. */
  readonly payload: JsonValue;
  /** Time from which the device must not execute it; absent if the message does not have it. */
  readonly expiresAt?: Date;
  /** True: the sender marked it as a possible repeat. */
  readonly mayBeRepeat: boolean;
  /** The place of the command in Kafka, `partition:offset`, if the message has it. */
  readonly sequence?: string;
}

/** Outcome of the execution of a command. */
export type DeviceAnswer =
  | { readonly status: 'succeeded'; readonly result?: JsonValue }
  | { readonly status: 'failed' | 'rejected'; readonly reason: string };

/**
 * Executes a command. The signal aborts when the device disconnects or is closed; it may reject then, because nobody receives the
 * answer. A rejection at any other time is a failed execution.
 */
export type Execute = (command: ArrivedCommand, signal: AbortSignal) => Promise<DeviceAnswer>;

/** Simulated devices of one protocol. */
export interface Devices extends AsyncDisposable {
  readonly deviceIds: readonly string[];
  /** Makes the device unreachable without notice: it receives and sends nothing. */
  sleep(deviceId: string): void;
  /** Makes the device reachable again. */
  wake(deviceId: string): void;
  /** Closes every socket. Later calls do nothing. */
  close(): Promise<void>;
}

/** Devices with a server; the path of a device is its id. */
export interface ServingDevices extends Devices {
  readonly port: number;
}
