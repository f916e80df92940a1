import { AssertionError } from 'node:assert';
import type { Backend } from '@preservarium/backend';
import { describe, expect, test } from 'vitest';
import type { FaultAudit } from '../fault/fault-suite.js';
import { memoryHarness } from '../memory-harness.js';
import { publisherFaultConformance } from '../publisher-fault-conformance.js';
import {
  losesDuringFailure,
  reordersAfterFailure,
  repeatsAfterFailure,
  survivesFailure,
} from './fails-with-cluster.js';
import { createFakeCluster, type FakeCluster } from './fake-cluster.js';

/** Runs the test of a cluster that is killed and started during such pushes; gives what was counted. */
async function audit(kind: string, wrap: (backend: Backend, cluster: FakeCluster) => Backend) {
  const cluster = createFakeCluster();
  const harness = memoryHarness();
  const audits: FaultAudit[] = [];
  const tests = new Map<string, () => Promise<void>>();
  publisherFaultConformance({
    cluster,
    harness: { ...harness, create: (settings) => wrap(harness.create(settings), cluster) },
    test: (name, run) => tests.set(name, run),
    onAudit: (_, counted) => audits.push(counted),
  });
  const name = `brokers killed and restarted during ${kind} pushes: none that is acknowledged is missing, repeated or out of order`;
  const failure = await tests
    .get(name)?.()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return { failure, counted: audits[0] };
}

describe.each([
  ['single', 10_000],
  ['bulk', 10_000],
  ['few', 4_000],
  ['mixed', 4_000],
])('the fault suite, with %s pushes', (kind, minAcknowledged) => {
  test('passes a backend that waits for the brokers to come back', async () => {
    const { failure, counted } = await audit(kind, survivesFailure);
    expect(failure).toBeUndefined();
    expect(counted).toMatchObject({ missing: 0, repeated: 0, outOfOrder: 0, failures: {} });
    expect(counted?.acknowledged).toBeGreaterThanOrEqual(minAcknowledged);
  });

  test.each([
    ['loses', losesDuringFailure, 'missing' as const],
    ['repeats', repeatsAfterFailure, 'repeated' as const],
    ['reorders', reordersAfterFailure, 'outOfOrder' as const],
  ])('catches a backend that %s records', async (_, wrap, count) => {
    const { failure, counted } = await audit(kind, wrap);
    expect(failure).toBeInstanceOf(AssertionError);
    expect(counted?.[count]).toBeGreaterThan(0);
  });
});
