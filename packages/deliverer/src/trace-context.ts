const traceparent = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const tracestate = /^[ -~]{1,512}$/;
const none: TraceContext = {};

/** The headers of W3C Trace Context by which the parts of one trace find one another. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The trace context among what came from elsewhere, such as the headers of a record; nothing where it has not the form of one. */
export function traceContextOf(headers: Readonly<Record<string, unknown>> | undefined): TraceContext {
  const parent = headers?.traceparent;
  if (typeof parent !== 'string' || !traceparent.test(parent)) return none;
  const state = headers?.tracestate;
  if (typeof state !== 'string' || !tracestate.test(state)) return { traceparent: parent };
  return { traceparent: parent, tracestate: state };
}
