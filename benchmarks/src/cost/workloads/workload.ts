import type { CommandBytes } from '../../numbered-command.js';

/** Work on commands whose CPU time is measured. */
export interface Workload {
  readonly bytes: CommandBytes;
  /** Commands of one turn: about 20 ms of CPU time, several collections of young garbage, and no long wait for the others. */
  readonly count: number;
  /** Makes what a turn needs, outside the measurement, and returns the turn. The turn rejects if a command is lost. */
  prepare(): Promise<() => void | Promise<void>>;
}
