import type { CommandStore } from '@preservarium/command-store';
import type { ConformanceTest } from './harness.js';

export interface CommandStoreSuite {
  readonly test: ConformanceTest;
  readonly harness: CommandStoreHarness;
}

/** Access of the suite to the store under test. */
export interface CommandStoreHarness {
  /** True: the store is outside of the process, and several processes may use it; false omits those tests. */
  readonly isShared: boolean;
  /** Creates an empty place for one test, and returns a function that opens a store there, each time as another process would. */
  createPlace(): Promise<() => Promise<CommandStore>>;
}
