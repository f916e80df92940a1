import type { RequiredEvidence } from '@preservarium/core';

/** A command as it was planned, whether or not it was pushed. */
export interface PlannedCommand {
  readonly requestId: string;
  readonly deviceId: string;
  /** In milliseconds since 1970. */
  readonly expiresAtMs: number | undefined;
  readonly supersedeKey: string | undefined;
  /** The evidence that ends it. */
  readonly requiredEvidence: RequiredEvidence;
}

/** The executions of a device, by its own record. */
export interface Execution {
  readonly requestId: string;
  readonly deviceId: string;
  /** By the clock of the device, in milliseconds since 1970. */
  readonly atMs: number;
  /** The message said that the device may have the command already. */
  readonly mayBeRepeat: boolean;
  /** The place of the command in Kafka that the message named, `partition:offset`. */
  readonly sequence: string | undefined;
}
