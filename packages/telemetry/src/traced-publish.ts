import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  noHeaders,
  type PublisherBackend,
  type PublishOutcome,
  type PublishRecord,
  type RecordHeaders,
  textHeaders,
} from '@preservarium/backend';
import { errorType, messaging } from './attributes.js';
import { getTracer } from './instrumentation.js';

type Publish = PublisherBackend['publish'];

/**
 * A span for each call, whose context goes along in the headers of its records. A record that has one already keeps it: so a
 * dead letter that is sent again goes on in the trace of its push. Where nothing is recorded, nothing is added.
 */
export function tracedPublish(publish: Publish): Publish {
  const tracer = getTracer();
  return (records, options) => {
    const topic = topicOf(records);
    const name = topic === undefined ? 'send' : `send ${topic}`;
    const span = tracer.startSpan(name, { kind: SpanKind.PRODUCER });
    if (!span.isRecording()) return publish(records, options);
    span.setAttributes(attributesOf(records, topic));
    const active = trace.setSpan(context.active(), span);
    const texts: Record<string, string> = {};
    propagation.inject(active, texts);
    const headers = textHeaders(texts);
    const traced = records.map((record) => withHeaders(record, headers));
    return context.with(active, async () => {
      try {
        const outcomes = await publish(traced, options);
        describe(span, outcomes);
        return outcomes;
      } finally {
        span.end();
      }
    });
  };
}

/** The topic of all of them, where they have one in common. */
function topicOf(records: readonly PublishRecord[]): string | undefined {
  const first = records[0]?.topic;
  return records.every(({ topic }) => topic === first) ? first : undefined;
}

function attributesOf(records: readonly PublishRecord[], topic: string | undefined) {
  const [first] = records;
  return {
    [messaging.system]: 'kafka',
    [messaging.operation]: 'send',
    [messaging.operationType]: 'send',
    ...(topic !== undefined && { [messaging.destination]: topic }),
    ...(records.length === 1 && first !== undefined && { [messaging.key]: String(first.key) }),
    ...(records.length > 1 && { [messaging.batchCount]: records.length }),
  };
}

function withHeaders(record: PublishRecord, headers: RecordHeaders): PublishRecord {
  const { headers: own = noHeaders } = record;
  if (own.length === 0) return { ...record, headers };
  if (headers.some(([name]) => own.some(([ownName]) => ownName === name))) return record;
  return { ...record, headers: [...own, ...headers] };
}

function describe(span: Span, outcomes: readonly PublishOutcome[]): void {
  const [first] = outcomes;
  if (outcomes.length === 1 && first?.ok) {
    const { partition, offset } = first.receipt;
    if (partition !== undefined) span.setAttribute(messaging.partition, String(partition));
    if (offset !== undefined) span.setAttribute(messaging.offset, offset);
  }
  const failed = outcomes.find((outcome) => !outcome.ok);
  if (failed === undefined) return;
  span.setAttribute(errorType, failed.error.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: failed.error.message });
}
