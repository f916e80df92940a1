import { feedTests } from './command-store/feed.js';
import { listTests } from './command-store/list.js';
import { pruneTests } from './command-store/prune.js';
import { saveTests } from './command-store/save.js';
import { sharingTests } from './command-store/sharing.js';
import type { CommandStoreSuite } from './command-store-harness.js';
import { longerTimeout } from './longer-timeout.js';

/** Defines a test for each obligation of `CommandStore`. Assertions are those of `node:assert`. */
export function commandStoreConformance(suite: CommandStoreSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 60_000) };
  saveTests(patient);
  listTests(patient);
  pruneTests(patient);
  feedTests(patient);
  if (suite.harness.isShared) sharingTests(patient);
}
