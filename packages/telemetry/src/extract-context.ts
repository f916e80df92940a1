import { type Context, propagation, ROOT_CONTEXT, type TextMapGetter } from '@opentelemetry/api';
import { headerText, type RecordHeaders } from '@preservarium/backend';

const getter: TextMapGetter<RecordHeaders> = {
  get: headerText,
  keys: (headers) => headers.map(([name]) => name),
};

/** Returns the trace context among the headers of a record. */
export function extractContext(headers: RecordHeaders): Context {
  return headers.length === 0 ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, headers, getter);
}
