import { expect, test } from 'vitest';
import { traceContextOf } from './trace-context.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test.each([
  [undefined, {}],
  [{}, {}],
  [{ tracestate: 'a=1' }, {}],
  [{ traceparent, other: 'x' }, { traceparent }],
  [
    { traceparent, tracestate: 'a=1,b=2' },
    { traceparent, tracestate: 'a=1,b=2' },
  ],
  [{ traceparent, tracestate: 'a=1\r\nhost: evil' }, { traceparent }],
  [{ traceparent, tracestate: 'x'.repeat(513) }, { traceparent }],
  [{ traceparent: [traceparent, traceparent] }, {}],
  [{ traceparent: `${traceparent}\n` }, {}],
  [{ traceparent: traceparent.toUpperCase() }, {}],
])('of %j', (headers, context) => {
  expect(traceContextOf(headers)).toEqual(context);
});
