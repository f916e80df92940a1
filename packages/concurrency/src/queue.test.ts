import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createQueue } from './queue.js';

describe('createQueue', () => {
  test('behaves as an array does, whatever is pushed, taken and dropped', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('push' as const) },
      fc.constant('shift' as const),
      fc.nat().map((at) => ({ dropAt: at })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createQueue<{ number: number }>();
        const model: { number: number }[] = [];
        for (const [number, action] of steps.entries()) {
          if (action === 'push') {
            const item = { number };
            queue.push(item);
            model.push(item);
          } else if (model.length > 0) {
            if (action === 'shift') {
              queue.shift();
              model.shift();
            } else {
              const [dropped] = model.splice(action.dropAt % model.length, 1);
              if (dropped) queue.drop(dropped);
            }
          }
          expect(queue.first()).toBe(model[0]);
        }
        for (const item of model) {
          expect(queue.first()).toBe(item);
          queue.shift();
        }
        expect(queue.first()).toBeUndefined();
      }),
    );
  });
});
