import type { CommandMessage, DeviceSettings, PusherError } from '@preservarium/core';

/** Says whether a device can do what is about to be pushed. `@preservarium/capabilities` has one made of JSON Schemas. */
export interface CapabilityCheck {
  /** Called with each valid command before it is encoded; what it returns, the push rejects with. */
  check(command: CommandMessage): PusherError | undefined;
  /** The same for settings. */
  checkSettings(settings: DeviceSettings): PusherError | undefined;
}
