import { AssertionError } from 'node:assert';
import { describe, expect, test, vi } from 'vitest';
import { delivererConformance } from '../../deliverer-conformance.js';
import type { DelivererHarness } from '../../deliverer-harness.js';
import {
  answersForDevices,
  asksTooEarly,
  deliversEarly,
  dropsOnClose,
  hangsOnAbort,
  holdsOthersUp,
  overlooksAbsence,
  overlooksGoodbyes,
  rejectsItsPromise,
  sendsAfterGivingUp,
  takesPresenceForAnswers,
} from './broken-deliverers.js';
import { fakeDelivererHarness } from './fake-deliverer.js';

delivererConformance({ test, harness: fakeDelivererHarness() });

function testsOf(harness: DelivererHarness) {
  const tests = new Map<string, () => Promise<void>>();
  delivererConformance({
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
    breakIt: deliversEarly,
    caughtBy: ['waits: a silent device is given up at the deadline, as unreachable'],
  },
  {
    breakIt: sendsAfterGivingUp,
    caughtBy: [
      'order: what was given up for a device that is gone does not reach it later',
      'order: what was given up for a device that is silent does not reach it later',
    ],
  },
  {
    breakIt: rejectsItsPromise,
    caughtBy: [
      'results: a device that is gone is unreachable, and its commands are retryable',
      'lifecycle: after close, deliver gives retryable',
    ],
  },
  {
    breakIt: hangsOnAbort,
    caughtBy: ['waits: a signal that is aborted already gives retryable, and nothing is sent'],
  },
  {
    breakIt: overlooksAbsence,
    caughtBy: [
      'results: while the device directory fails, a device is unreachable, and its commands are retryable',
      'results: a device that is gone is unreachable, and its commands are retryable',
      'waits: a silent device is given up at the deadline, as unreachable',
    ],
  },
  {
    breakIt: asksTooEarly,
    caughtBy: [
      'waits: nothing is sent once another connector may serve the device',
      'waits: it asks whether it may send before it sends, and not where nothing is sent',
      'waits: a command that expires while the process stands still is not sent',
    ],
  },
  {
    breakIt: answersForDevices,
    caughtBy: ['settings: what a device answers is the result, and what cannot be read is no object'],
  },
  {
    breakIt: overlooksGoodbyes,
    caughtBy: ['presence: what devices say of it reaches the connector, in order'],
  },
  {
    breakIt: takesPresenceForAnswers,
    caughtBy: ['presence: a connector that does not ask for it is served, and hears nothing of it'],
  },
  {
    breakIt: dropsOnClose,
    caughtBy: ['lifecycle: close waits for the deliveries in flight'],
  },
];

describe.each(broken)('a deliverer that is broken: $breakIt.name', ({ breakIt, caughtBy }) => {
  test.each(caughtBy)('is caught by "%s"', async (name) => {
    const run = testsOf(fakeDelivererHarness(breakIt)).get(name);
    await expect(run?.()).rejects.toThrow(AssertionError);
  });
});

/** Runs a test of the suite with a clock that jumps to whatever is waited for. */
async function failureOf(name: string, harness: DelivererHarness): Promise<unknown> {
  vi.useFakeTimers();
  try {
    let isOver = false;
    const failure = testsOf(harness)
      .get(name)?.()
      .then(
        () => undefined,
        (error: unknown) => error,
      )
      .finally(() => {
        isOver = true;
      });
    // Some of its timers start only when others have passed.
    while (!isOver) await vi.advanceTimersByTimeAsync(10_000);
    return await failure;
  } finally {
    vi.useRealTimers();
  }
}

describe.each([
  {
    breakIt: hangsOnAbort,
    caughtBy: 'waits: aborting gives retryable long before the deadline, and takes no other with it',
  },
  {
    breakIt: holdsOthersUp,
    caughtBy: 'order: many devices are served side by side while one is silent',
  },
])('a deliverer that hangs: $breakIt.name', ({ breakIt, caughtBy }) => {
  test(`is caught by "${caughtBy}"`, async () => {
    expect(await failureOf(caughtBy, fakeDelivererHarness())).toBeUndefined();
    expect(await failureOf(caughtBy, fakeDelivererHarness(breakIt))).toMatchObject({
      message: expect.stringContaining('the answer of deliver did not happen within'),
    });
  });
});
