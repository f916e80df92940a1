import { headerText, type RecordHeaders } from '@preservarium/backend';

const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const tracestate = /^[ -~]{1,512}$/;
const none: TraceContext = {};

/** The headers of W3C Trace Context by which the parts of one trace find one another. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Returns the trace context among the headers of a record; nothing where it does not have the form of one. */
export function traceContextOf(headers: RecordHeaders | undefined): TraceContext {
  if (headers === undefined || headers.length === 0) return none;
  return readTraceContext({
    traceparent: headerText(headers, 'traceparent'),
    tracestate: headerText(headers, 'tracestate'),
  });
}

/** Returns the trace context among what a device sent; nothing where it does not have the form of one. */
export function readTraceContext(given: Readonly<Record<string, unknown>> | undefined): TraceContext {
  const parent = given?.traceparent;
  if (typeof parent !== 'string' || !traceparent.test(parent)) return none;
  const state = given?.tracestate;
  if (typeof state !== 'string' || !tracestate.test(state)) return { traceparent: parent };
  return { traceparent: parent, tracestate: state };
}
