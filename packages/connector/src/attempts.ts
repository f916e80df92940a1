/** Counted apart, because a device that cannot be reached says nothing about the command. */
export interface Attempts {
  /** All of them. */
  started: number;
  /** Those that the device side answered with a failure. */
  answered: number;
  /** Something of the command was sent in one of them: the device may have it. */
  sent: boolean;
}
