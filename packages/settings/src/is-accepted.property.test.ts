import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogModel } from '../test/log-model.js';

const reader = fc.nat(3);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('begin'), reader) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('append'), reader) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('read'), reader, fc.integer({ min: 1, max: 4 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('mend'), reader) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('compact'), fc.nat(30)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('open')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('crash'), reader) },
);
const withReplacements = fc.oneof(
  { weight: 8, arbitrary: step },
  { weight: 1, arbitrary: fc.tuple(fc.constant('replace')) },
);

function run(steps: readonly (readonly [string, ...number[]])[]) {
  const model = createLogModel();
  model.open();
  model.open();
  for (const [name, ...given] of steps) {
    (model[name as 'read'] as (...given: number[]) => void)(...given);
  }
  return { model, views: model.settle() };
}

const many = { maxLength: 60, size: 'max' } as const;

test('all readers agree, those that come late and those that were slow too', () => {
  fc.assert(
    fc.property(fc.array(withReplacements, many), (steps) => {
      const { model, views } = run(steps);
      for (const view of views) expect(view).toStrictEqual(model.counting().at(-1));
    }),
    { numRuns: 5_000 },
  );
});

test('an acknowledged update is in the settings, a refused one is not', () => {
  fc.assert(
    fc.property(fc.array(step, many), (steps) => {
      const { model } = run(steps);
      const updates = model.counting().at(-1)?.updates ?? [];
      expect(updates).toStrictEqual([...new Set(updates)]);
      expect(updates).toEqual(expect.arrayContaining([...model.accepted]));
      expect(updates.filter((update) => model.refused.has(update))).toEqual([]);
    }),
    { numRuns: 5_000 },
  );
});

test('what counts was made from what was current', () => {
  fc.assert(
    fc.property(fc.array(withReplacements, many), (steps) => {
      let current = -1;
      for (const { baseVersion, offset } of run(steps).model.counting()) {
        expect(baseVersion ?? current).toBe(current);
        current = offset;
      }
    }),
    { numRuns: 2_000 },
  );
});
