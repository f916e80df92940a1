import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import { commandStoreConformance } from '../command-store-conformance.js';
import * as broken from './broken-command-stores.js';

const caughtBy: Readonly<Record<keyof typeof broken, readonly string[]>> = {
  takesLastEvent: ['save: a batch changes each command by all of its events'],
  countsByArrival: [
    'save: the same events give the same command, in whatever order and however often they come',
  ],
  trustsAnyOwner: [
    'save: what an earlier owner of the partition writes late changes nothing that the newer one says',
  ],
  trustsAnyDevice: [
    'save: a device that claims the request id of another device changes nothing of its command',
  ],
  resurrects: ['prune: late events do not bring back what was forgotten'],
  prunesTheWaiting: ['prune: deletes the commands that finished before the time, and no unfinished one'],
  skipsTies: ['list: pages have every command once, also where many have the same time'],
  ignoresTheFeed: [
    'feed: clear forgets everything and begins another feed, for which the one before saves nothing',
  ],
  movesBack: ['feed: positions are kept for each partition of each topic, and never move back'],
  staysOpen: ['lifecycle: after close every call is rejected as such, and a second close is none'],
};

function testsOf(createStore: () => ReturnType<typeof broken.staysOpen>) {
  const tests = new Map<string, () => Promise<void>>();
  commandStoreConformance({
    harness: { isShared: false, createPlace: async () => async () => createStore() },
    test(name, run) {
      expect(tests, `two tests are called "${name}"`).not.toHaveProperty(name);
      tests.set(name, run);
    },
  });
  return tests;
}

describe.each(Object.entries(broken))('a command store that is broken: %s', (name, createStore) => {
  test.each(caughtBy[name as keyof typeof broken])('is caught by "%s"', async (caught) => {
    const run = testsOf(createStore).get(caught);
    await expect(run?.()).rejects.toThrow(AssertionError);
  });
});
