import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecentTraces } from './recent-traces.js';

const trace = (spanId: string) => ({ traceId: 'a', spanId, traceFlags: 1 });

test('the latest are found, as many as the limit says, and none that is older than twice that', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 30 }), (limit, count) => {
      const traces = createRecentTraces(limit);
      for (let id = 0; id < count; id++) traces.remember(String(id), trace(String(id)));
      for (let id = 0; id < count; id++) {
        const found = traces.find(String(id));
        if (id >= count - limit) expect(found).toEqual(trace(String(id)));
        if (id < count - 2 * limit) expect(found).toBeUndefined();
      }
    }),
  );
});
