import type { CommandStore } from '@preservarium/command-store';
import type { ConformanceTest } from './harness.js';

export interface CommandStoreSuite {
  readonly test: ConformanceTest;
  readonly harness: CommandStoreHarness;
}

/** What the suite needs of the store under test. */
export interface CommandStoreHarness {
  /** It is kept outside of the process, and several may use it at once; the tests of that are left out otherwise. */
  readonly isShared: boolean;
  /** An empty place, which no other test uses. Gives what opens a store there, each time as another process would. */
  createPlace(): Promise<() => Promise<CommandStore>>;
}
