import { textHeaders } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { readTraceContext, traceContextOf } from './trace-context.js';

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
])('of %j from a device', (headers, context) => {
  expect(readTraceContext(headers)).toEqual(context);
});

test('of the headers of a record: the last of each name counts', () => {
  const headers = textHeaders({ traceparent, tracestate: 'a=1', other: 'x' });
  expect(traceContextOf(headers)).toEqual({ traceparent, tracestate: 'a=1' });
  expect(traceContextOf([['traceparent', Buffer.from('x')], ...headers, ['tracestate', null]])).toEqual({
    traceparent,
  });
  expect(traceContextOf([...headers, ['traceparent', Buffer.from([0xff])]])).toEqual({});
  expect([traceContextOf(undefined), traceContextOf([])]).toEqual([{}, {}]);
});
