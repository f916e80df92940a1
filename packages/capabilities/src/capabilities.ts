import type { CapabilityError, CommandMessage, DeviceSettings, JsonValue } from '@preservarium/core';
import type { CapabilityCheck } from '@preservarium/publisher';
import type { CommandCapability, DeviceType } from './device-type.js';

/** Says of which type a device is; undefined for a device that it does not know. */
export type DeviceTypeDirectory = (deviceId: string) => string | undefined;

export interface CapabilitiesOptions {
  readonly types: readonly DeviceType[];
  /** The type of a device, by its name in `types`; called for each push. */
  readonly typeOf: DeviceTypeDirectory;
  /** Treatment of a command for a device that `typeOf` does not know. Default `refuse`. */
  readonly unknownDevices?: 'allow' | 'refuse';
}

/** The commands and settings of each device. As `capabilities` of `createPusherService`, it refuses any other before Kafka. */
export interface Capabilities extends CapabilityCheck {
  /** Undefined where the device has the command and the payload fits it; otherwise why not. Never throws of itself. */
  check(command: Pick<CommandMessage, 'deviceId' | 'commandType' | 'payload'>): CapabilityError | undefined;

  /**
   * The same for settings, each by its own schema; null, which removes a setting, fits any.
   */
  checkSettings(settings: Pick<DeviceSettings, 'deviceId' | 'settings'>): CapabilityError | undefined;

  /** The same for what a device answered. */
  checkResult(answer: {
    readonly deviceId: string;
    readonly commandType: string;
    readonly result: JsonValue | undefined;
  }): CapabilityError | undefined;

  /**
   * Returns whether the directory has the device, and its type is declared. `createSettings` of `@preservarium/settings` takes it as
   * `knowsDevice`.
   */
  knowsDevice(deviceId: string): boolean;

  /** Returns the declaration of a command of a device, for example its `timeoutMs`; undefined if there is none. */
  find(deviceId: string, commandType: string): CommandCapability | undefined;
}
