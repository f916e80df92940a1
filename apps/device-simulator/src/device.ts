import type { JsonValue } from '@preservarium/core';

/** A command as it arrives at a device. */
export interface ArrivedCommand {
  readonly protocol: 'mqtt' | 'coap' | 'http';
  readonly deviceId: string;
  /** The MQTT topic or the path that it came to. */
  readonly target: string;
  /** Absent where nothing that arrived says it, as in a CoAP request to the device's own server. */
  readonly requestId?: string;
  readonly commandType?: string;
  /** What the bytes say as JSON; where they are none, the bytes in hexadecimal. */
  readonly payload: JsonValue;
  /** The sender says that the device may have it already. */
  readonly mayBeRepeat: boolean;
}

/** How the execution of a command ended. */
export type DeviceAnswer =
  | { readonly status: 'succeeded'; readonly result?: JsonValue }
  | { readonly status: 'failed' | 'rejected'; readonly reason: string };

/**
 * What a device does with a command. The signal aborts when the device goes away or is closed: the answer would reach nobody, so
 * it may reject then. Rejecting at any other time is a failed execution.
 */
export type Execute = (command: ArrivedCommand, signal: AbortSignal) => Promise<DeviceAnswer>;

/** Simulated devices of one protocol. */
export interface Devices extends AsyncDisposable {
  readonly deviceIds: readonly string[];
  /** The device goes away without a word: nothing reaches it, and it says nothing. */
  sleep(deviceId: string): void;
  /** It is there again. */
  wake(deviceId: string): void;
  /** Frees every socket. Later calls do nothing. */
  close(): Promise<void>;
}

/** Devices that others call, at an address with each device's id as its path. */
export interface ServingDevices extends Devices {
  readonly port: number;
}
