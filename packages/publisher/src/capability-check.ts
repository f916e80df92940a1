import type { CommandMessage, DeviceSettings, PusherError, RequiredEvidence } from '@preservarium/core';

/** Says whether a device can do what is about to be pushed. `@preservarium/capabilities` has one made of JSON Schemas. */
export interface CapabilityCheck {
  /** Called with each valid command before it is encoded; what it returns, the push rejects with. */
  check(command: CommandMessage): PusherError | undefined;
  /** The same for settings. */
  checkSettings(settings: DeviceSettings): PusherError | undefined;
  /** Returns what is declared of a command: the evidence that ends it, and how long the device may take to answer, unless the command says it itself. */
  find?(deviceId: string, commandType: string): DeclaredProof | undefined;
}

export interface DeclaredProof {
  readonly evidence?: RequiredEvidence | undefined;
  /** In milliseconds. */
  readonly timeoutMs?: number | undefined;
}
