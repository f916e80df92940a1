import type { EntranceName } from './entrance-names.js';
import type { Program } from './program.js';

/** A way into a program for what others write. */
export interface Entrance {
  readonly name: EntranceName;
  /** Share of all inputs, relative to the other entrances. */
  readonly share: number;
  /** The programs behind it. */
  readonly programs: readonly Program[];
  /** Gives so many inputs, drawn from the seed, and resolves when they are sent. */
  feed(inputs: number, seed: number): Promise<void>;
  /** Runs a program that reads all of them and ends. Returns its problems. */
  ends?(): Promise<string[]>;
}
