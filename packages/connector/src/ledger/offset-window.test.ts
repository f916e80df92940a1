import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOffsetWindow } from './offset-window.js';

/** Rising offsets with gaps, and an order in which they are finished, some of them twice. */
const takenAndFinished = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 60 })
  .map((gaps) => {
    let offset = 0;
    return gaps.map((gap) => {
      offset += gap;
      return offset;
    });
  })
  .chain((offsets) =>
    fc.record({
      offsets: fc.constant(offsets),
      finished: fc.array(fc.constantFrom(...offsets), { maxLength: 120 }),
    }),
  );

test('what may be committed is the end of the unbroken run of finished offsets, and never goes back', () => {
  fc.assert(
    fc.property(takenAndFinished, ({ offsets, finished }) => {
      const window = createOffsetWindow();
      for (const offset of offsets) window.take(offset);
      const done = new Set<number>();
      let committed: number | undefined;
      for (const offset of finished) {
        done.add(offset);
        committed = window.finish(offset) ?? committed;
        const firstOpen = offsets.find((taken) => !done.has(taken));
        const run = offsets.filter((taken) => firstOpen === undefined || taken < firstOpen);
        expect(committed).toBe(run.length === 0 ? undefined : (run.at(-1) ?? 0) + 1);
      }
    }),
  );
});

test('taking goes on while others are finished', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 5000 }), (steps) => {
      const window = createOffsetWindow();
      let next = 0;
      let finished = 0;
      for (const take of steps) {
        if (take || finished === next) window.take(next++);
        else expect(window.finish(finished++)).toBe(finished);
      }
    }),
    { numRuns: 20 },
  );
});

test('an offset that was not taken is nothing to commit', () => {
  const window = createOffsetWindow();
  window.take(7);
  expect(window.finish(6)).toBeUndefined();
  expect(window.finish(7)).toBe(8);
  expect(window.finish(7)).toBeUndefined();
});
