import type { EntranceName } from './entrance-names.js';
import type { Meter } from './measure.js';
import type { Program } from './program.js';

/** Facts for the end of an entrance, when all inputs are sent. */
interface After {
  /** Commands of neighbours, which came behind the inputs. */
  readonly requestIds: readonly string[];
  readonly meter: Meter;
}

/** A way into a program for what others write. */
export interface Entrance {
  readonly name: EntranceName;
  /** Share of all inputs, relative to the other entrances. */
  readonly share: number;
  /** The programs behind it. */
  readonly programs: readonly Program[];
  /** Gives so many inputs, drawn from the seed, and resolves when they are sent. */
  feed(inputs: number, seed: number): Promise<void>;
  /** Resolves when those of its programs that are no connectors have read all inputs; with their problems. */
  ends?(after: After): Promise<string[]>;
}
