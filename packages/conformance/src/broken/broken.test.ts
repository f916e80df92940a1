import { AssertionError } from 'node:assert';
import type { Backend } from '@preservarium/backend';
import { describe, expect, test } from 'vitest';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { memoryHarness } from '../memory-harness.js';
import { publisherConformance } from '../publisher-conformance.js';
import { subscriberConformance } from '../subscriber-conformance.js';
import { acknowledgesEarly } from './acknowledges-early.js';
import { commitsBeforeProcessed } from './commits-before-processed.js';
import { failsNeighbours } from './fails-neighbours.js';
import { forgetsWhatIsKnown } from './forgets-what-is-known.js';
import { hurriesRevoke } from './hurries-revoke.js';
import { ignoresCallbackErrors } from './ignores-callback-errors.js';
import { ignoresPartition } from './ignores-partition.js';
import { losesOnClose } from './loses-on-close.js';
import { overlapsBatches } from './overlaps-batches.js';
import { reordersCalls, reordersRecords } from './reorders.js';
import { staysConnected } from './stays-connected.js';
import { truncatesTimeouts } from './truncates-timeouts.js';

function harnessOf(breakIt: (backend: Backend) => Backend): ConformanceHarness {
  const harness = memoryHarness();
  return { ...harness, create: (settings) => breakIt(harness.create(settings)) };
}

/** The tests that a suite defines, by name, not run. */
function testsOf(suite: (suite: ConformanceSuite) => void, harness: ConformanceHarness) {
  const tests = new Map<string, () => Promise<void>>();
  suite({
    harness,
    test(name, run) {
      expect(tests, `two tests are called "${name}"`).not.toHaveProperty(name);
      tests.set(name, run);
    },
  });
  return tests;
}

const broken = [
  {
    breakIt: acknowledgesEarly,
    suite: publisherConformance,
    caughtBy: ['publish: what is acknowledged can be read at once'],
  },
  {
    breakIt: losesOnClose,
    suite: publisherConformance,
    caughtBy: ['lifecycle: close sends what is queued'],
  },
  {
    breakIt: reordersCalls,
    suite: publisherConformance,
    caughtBy: [
      'order: thousands of concurrent calls are each answered, and each key keeps the order of its calls',
      'order: each key keeps its order across concurrent large and small calls',
      'order: a small queue delays, loses nothing and keeps the order',
    ],
  },
  {
    breakIt: reordersRecords,
    suite: publisherConformance,
    caughtBy: ['order: each key keeps the order of the records in a call'],
  },
  {
    breakIt: failsNeighbours,
    suite: publisherConformance,
    caughtBy: [
      'failures: a record larger than brokers take fails alone',
      "failures: a record larger than the topic's max.message.bytes fails alone",
    ],
  },
  {
    breakIt: ignoresPartition,
    suite: publisherConformance,
    caughtBy: [
      'partitions: a record goes to the partition that it names, whatever its key',
      'failures: a record for a partition that its topic does not have fails alone',
    ],
  },
  {
    breakIt: commitsBeforeProcessed,
    suite: subscriberConformance,
    caughtBy: [
      'offsets: where nothing was marked as processed, everything comes again',
      'offsets: what is marked after close is not committed',
    ],
  },
  {
    breakIt: overlapsBatches,
    suite: subscriberConformance,
    caughtBy: [
      'subscribe: the next records of a partition wait for onRecords, and hold up no other partition',
    ],
  },
  {
    breakIt: hurriesRevoke,
    suite: subscriberConformance,
    caughtBy: [
      'group: when a member joins, onRevoked is awaited, and what is marked in it is not handed over again',
    ],
  },
  {
    breakIt: ignoresCallbackErrors,
    suite: subscriberConformance,
    caughtBy: [
      'callbacks: when onRevoked rejects, what it marked is committed, and closed rejects with SUBSCRIPTION_FAILED',
      'callbacks: when onAssigned throws, subscribing rejects with SUBSCRIPTION_FAILED, and the group goes on',
    ],
  },
  {
    breakIt: truncatesTimeouts,
    suite: publisherConformance,
    caughtBy: ['waits: an infinite timeout, and one beyond 2^31-1 ms, are long'],
  },
  {
    breakIt: forgetsWhatIsKnown,
    suite: subscriberConformance,
    caughtBy: [
      'start: an application that keeps what it has read reads on behind that, and may mark what it knows',
    ],
  },
  {
    breakIt: staysConnected,
    suite: subscriberConformance,
    caughtBy: [
      'lifecycle: connected until close, which can be called twice and side by side; no records come after it',
    ],
  },
];

describe.each(broken)('a backend that is broken: $breakIt.name', ({ breakIt, suite, caughtBy }) => {
  test.each(caughtBy)('is caught by "%s"', async (name) => {
    const run = testsOf(suite, harnessOf(breakIt)).get(name);
    await expect(run?.()).rejects.toThrow(AssertionError);
  });
});
