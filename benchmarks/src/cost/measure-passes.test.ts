import { expect, test } from 'vitest';
import type { Comparison } from './comparison.js';
import { measurePasses } from './measure-passes.js';
import type { WorkloadName } from './workloads/workloads.js';

const turns = { warmUp: 1, measured: 1 };
const options = { rounds: 3, turns, isLate: () => false, say() {} };

/** A comparison that gives these ratios, one after the other, and then the last of them. */
function comparisonOf(ratios: Partial<Record<WorkloadName, readonly number[]>>, bound: number | undefined) {
  const measured: WorkloadName[] = [];
  const comparison: Comparison = {
    name: 'other',
    async measure(workload) {
      const taken = measured.filter((name) => name === workload).length;
      measured.push(workload);
      const all = ratios[workload] ?? [];
      return { cpuMicros: 10, ratio: all[Math.min(taken, all.length - 1)] ?? Number.NaN };
    },
    atMost: () => bound,
    notes: [],
  };
  return { comparison, measured };
}

test('a workload within its bound is measured in one pass, there and back', async () => {
  const { comparison, measured } = comparisonOf({ delivery: [1], 'codec.decode': [1.03] }, 1.03);
  const costs = await measurePasses(['delivery', 'codec.decode'], comparison, options);
  expect(costs.map(({ name, ratio, isAbove }) => [name, ratio.median, isAbove])).toEqual([
    ['delivery', 1, false],
    ['codec.decode', 1.03, false],
  ]);
  expect(measured).toEqual([
    'delivery',
    'codec.decode',
    'codec.decode',
    'delivery',
    'delivery',
    'codec.decode',
  ]);
});

test('one sample of a busy moment changes nothing', async () => {
  const { comparison, measured } = comparisonOf({ delivery: [1, 7, 1.01] }, 1.03);
  const [cost] = await measurePasses(['delivery'], comparison, options);
  expect(cost).toMatchObject({ isAbove: false, ratio: { median: 1.01, highest: 7 } });
  expect(measured).toHaveLength(3);
});

test('a workload above its bound is measured again, alone, and all samples count', async () => {
  const ratios = { delivery: [1.2, 1.2, 1, 1, 1, 1], 'codec.decode': [1] };
  const { comparison, measured } = comparisonOf(ratios, 1.03);
  const [cost] = await measurePasses(['delivery', 'codec.decode'], comparison, options);
  expect(cost).toMatchObject({ isAbove: false, bound: 1.03 });
  expect(cost?.samples).toHaveLength(6);
  expect(measured.slice(6)).toEqual(['delivery', 'delivery', 'delivery']);
});

test('a workload that stays above its bound is too costly after three passes', async () => {
  const { comparison } = comparisonOf({ delivery: [1.04] }, 1.03);
  const [cost] = await measurePasses(['delivery'], comparison, options);
  expect(cost).toMatchObject({ isAbove: true, ratio: { median: 1.04 } });
  expect(cost?.samples).toHaveLength(9);
});

test('a workload without a bound is never too costly', async () => {
  const { comparison, measured } = comparisonOf({ delivery: [9] }, undefined);
  const [cost] = await measurePasses(['delivery'], comparison, options);
  expect(cost).toMatchObject({ isAbove: false, bound: undefined });
  expect(measured).toHaveLength(3);
});

test('a workload is not measured if the time is over before its first pass', async () => {
  const { comparison, measured } = comparisonOf({ delivery: [1], 'codec.decode': [9] }, 1.03);
  const isLate = () => measured.length === 5;
  const costs = await measurePasses(['delivery', 'codec.decode'], comparison, { ...options, isLate });
  expect(costs.map(({ name, isMeasured, samples }) => [name, isMeasured, samples.length])).toEqual([
    ['delivery', true, 3],
    ['codec.decode', false, 2],
  ]);
});

test('a workload above its bound is judged by its first pass if there is no time for another one', async () => {
  const { comparison, measured } = comparisonOf({ delivery: [1.2, 1.2, 1.2, 1] }, 1.03);
  const isLate = () => measured.length === 3;
  const [cost] = await measurePasses(['delivery'], comparison, { ...options, isLate });
  expect(cost).toMatchObject({ isMeasured: true, isAbove: true, ratio: { median: 1.2 } });
});
