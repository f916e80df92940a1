import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { ConsumedRecord, SubscribeOptions, SubscriberBackend } from '@preservarium/backend';
import { messaging } from './attributes.js';
import { extractContext } from './extract-context.js';
import { getMeter, getTracer, secondsBoundaries, secondsSince } from './instrumentation.js';

type Subscribe = SubscriberBackend['subscribe'];

/** The default limit of links in a span of an SDK. */
const maxLinks = 128;

/**
 * A span for each batch of records that is handed over. It belongs to the trace of its record where that is the only one, and is
 * linked to the traces of the others otherwise.
 */
export function tracedSubscribe(subscribe: Subscribe): Subscribe {
  const tracer = getTracer();
  const consumed = getMeter().createCounter('messaging.client.consumed.messages', {
    description: 'Records that were read from Kafka.',
    unit: '{message}',
  });
  const duration = getMeter().createHistogram('messaging.process.duration', {
    description: 'How long the records of a batch took to be taken in.',
    unit: 's',
    advice: { explicitBucketBoundaries: secondsBoundaries },
  });

  async function handOver(records: readonly ConsumedRecord[], options: SubscribeOptions): Promise<void> {
    const [first] = records;
    if (first === undefined) return options.onRecords(records);
    const startedMs = performance.now();
    const attributes = {
      [messaging.system]: 'kafka',
      [messaging.destination]: first.topic,
      [messaging.consumerGroup]: options.groupId,
    };
    consumed.add(records.length, { ...attributes, [messaging.operation]: 'poll' });
    const processing = { ...attributes, [messaging.operation]: 'process' };
    const parent = records.length === 1 ? contextOf(first) : ROOT_CONTEXT;
    const span = tracer.startSpan(
      `process ${first.topic}`,
      { kind: SpanKind.CONSUMER, attributes: { ...processing, [messaging.operationType]: 'process' } },
      parent,
    );
    if (span.isRecording()) describe(span, first, records);
    try {
      await context.with(trace.setSpan(parent, span), () => options.onRecords(records));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
      duration.record(secondsSince(startedMs), processing);
    }
  }

  return (options) => subscribe({ ...options, onRecords: (records) => handOver(records, options) });
}

function describe(span: Span, first: ConsumedRecord, records: readonly ConsumedRecord[]): void {
  span.setAttribute(messaging.partition, String(first.partition));
  span.setAttribute(messaging.offset, first.offset);
  if (records.length === 1) return;
  span.setAttribute(messaging.batchCount, records.length);
  for (const record of records.slice(0, maxLinks)) {
    const spanContext = trace.getSpanContext(contextOf(record));
    if (spanContext !== undefined) span.addLink({ context: spanContext });
  }
}

function contextOf({ headers }: ConsumedRecord): Context {
  return extractContext(headers);
}
