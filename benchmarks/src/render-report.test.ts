import { expect, test } from 'vitest';
import { emptyResult } from './benchmark.js';
import { renderReport } from './render-report.js';

const spread = { median: 1_234, lowest: 1_000, highest: 2_000 };

test('figures of one name share a line, and figures that share no unit have tables of their own', () => {
  const report = renderReport({
    ...emptyResult,
    figures: [
      { name: 'ours', unit: 'commands/s', spread },
      { name: 'ours', unit: 'peak MiB', spread },
      { name: 'theirs', unit: 'commands/s', spread },
      { name: 'idle', unit: 'p50 ms', spread },
    ],
  });
  expect(report).toBe(`\
        commands/s           peak MiB
ours    1,230 (1,000-2,000)  1,230 (1,000-2,000)
theirs  1,230 (1,000-2,000)

      p50 ms
idle  1,230 (1,000-2,000)

verified: nothing lost, nothing out of order
`);
});

test('a target is met or missed by the median', () => {
  const report = renderReport({
    ...emptyResult,
    verdicts: [
      { name: 'fast', spread, target: { atLeast: 1_000 } },
      { name: 'slow', unit: 'ms', spread, target: { atMost: 1_200 } },
    ],
  });
  expect(report).toMatch(/^fast .* MET, at least 1000$/m);
  expect(report).toMatch(/^slow .* MISSED, at most 1200 ms$/m);
});

test('contestants of the same settings are named together, once', () => {
  const settings = {
    'kafkajs.pushCommand@1': 'no linger',
    'kafkajs.pushCommand@10': 'no linger',
    'c.other': '5 ms',
  };
  const report = renderReport({ ...emptyResult, settings });
  expect(report).toContain('kafkajs.pushCommand: no linger\nc.other: 5 ms\n');
});

test('a run that lost something is named', () => {
  const report = renderReport({ ...emptyResult, failures: ['round 2, theirs: 3 missing'] });
  expect(report).toContain('NOT VERIFIED\n  round 2, theirs: 3 missing\n');
});
