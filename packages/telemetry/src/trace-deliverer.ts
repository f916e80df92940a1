import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { noHeaders, withHeaderTexts } from '@preservarium/backend';
import type { CommandMessage } from '@preservarium/core';
import type {
  ConnectorPort,
  Deliverer,
  DeliveryContext,
  DeliveryResult,
  DeviceReport,
} from '@preservarium/deliverer';
import { errorType, pusher } from './attributes.js';
import { createDeliveryMetrics } from './delivery-metrics.js';
import { extractContext } from './extract-context.js';
import { getTracer, isSdkRegistered, secondsSince } from './instrumentation.js';
import { createRecentTraces } from './recent-traces.js';

const rememberedTraces = 10_000;

/**
 * The deliverer, with a span `deliver {protocol}` for each attempt and `answer {protocol}` for what a device reports, both in the
 * trace of the command's push, and the metrics of deliveries. The span's context goes on to the device where the protocol has a
 * place for it. The answer of a device that does not send it back is found by its request, among the latest 10,000.
 *
 * `traceConnector` does this, and more. Make it after the SDK has been registered: where there is none, it is the deliverer
 * itself.
 */
export function traceDeliverer(deliverer: Deliverer): Deliverer {
  if (!isSdkRegistered()) return deliverer;
  const { protocol } = deliverer;
  const tracer = getTracer();
  const metrics = createDeliveryMetrics(protocol);
  const traces = createRecentTraces(rememberedTraces);

  async function deliver(command: CommandMessage, given: DeliveryContext): Promise<DeliveryResult> {
    const startedMs = performance.now();
    const parent = extractContext(given.headers ?? noHeaders);
    const span = tracer.startSpan(`deliver ${protocol}`, { kind: SpanKind.CLIENT }, parent);
    const active = trace.setSpan(parent, span);
    try {
      const result = await context.with(active, () =>
        deliverer.deliver(command, span.isRecording() ? onwards(span, active, command, given) : given),
      );
      if (span.isRecording()) describeResult(span, result);
      const seconds = secondsSince(startedMs);
      metrics.record({
        result,
        attempt: given.attempt,
        seconds,
        issuedAtMs: command.timestamp.getTime(),
      });
      return result;
    } finally {
      span.end();
    }
  }

  /** Returns the context for the deliverer: the trace continues from this span. */
  function onwards(
    span: Span,
    active: Context,
    command: CommandMessage,
    given: DeliveryContext,
  ): DeliveryContext {
    span.setAttributes({
      [pusher.protocol]: protocol,
      [pusher.commandType]: command.commandType,
      [pusher.deviceId]: command.deviceId,
      [pusher.requestId]: command.requestId,
      [pusher.attempt]: given.attempt,
    });
    traces.remember(commandId(command), span.spanContext());
    const texts: Record<string, string> = {};
    propagation.inject(active, texts);
    return { ...given, headers: withHeaderTexts(given.headers ?? noHeaders, texts) };
  }

  async function report(said: DeviceReport, port: ConnectorPort): Promise<void> {
    const parent = contextOfAnswer(said);
    const span = tracer.startSpan(`answer ${protocol}`, { kind: SpanKind.CONSUMER }, parent);
    span.setAttributes({
      [pusher.protocol]: protocol,
      [pusher.deviceId]: said.deviceId,
      [pusher.requestId]: said.requestId,
      [pusher.state]: said.state,
    });
    if (said.state === 'failed' || said.state === 'rejected') fail(span, said.state, said.reason);
    try {
      await context.with(trace.setSpan(parent, span), () => port.report(said));
    } finally {
      span.end();
    }
  }

  /** Takes the trace context of the device, unless the trace of the command is known to be another one. */
  function contextOfAnswer(said: DeviceReport): Context {
    const remembered = traces.find(commandId(said));
    const told = propagation.extract(ROOT_CONTEXT, said.headers ?? {});
    if (remembered === undefined || remembered.traceId === trace.getSpanContext(told)?.traceId) return told;
    return trace.setSpanContext(ROOT_CONTEXT, remembered);
  }

  const clearSettings = deliverer.clearSettings?.bind(deliverer);
  const channelOf = deliverer.channelOf?.bind(deliverer);
  const withdraw = deliverer.withdraw?.bind(deliverer);
  return {
    protocol,
    deliver,
    start: (port, options) => deliverer.start({ ...port, report: (said) => report(said, port) }, options),
    ...(clearSettings && { clearSettings }),
    ...(channelOf && { channelOf }),
    ...(withdraw && { withdraw }),
    isReady: () => deliverer.isReady(),
    close: (options) => deliverer.close(options),
  };
}

function describeResult(span: Span, result: DeliveryResult): void {
  span.setAttribute(pusher.result, result.kind);
  if (result.kind === 'delivered') span.setAttribute(pusher.evidence, result.evidence);
  else if (result.kind === 'retryable' && result.unreachable) fail(span, 'unreachable', result.reason);
  else fail(span, result.kind, result.reason);
  if (result.kind === 'delivered' && result.evidence === 'device') span.addEvent('the device answered');
}

function fail(span: Span, kind: string, reason: string | undefined): void {
  span.setAttribute(errorType, kind);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(reason !== undefined && { message: reason }) });
}

/** One device's request id is nothing to another. */
function commandId({ deviceId, requestId }: Pick<DeviceReport, 'deviceId' | 'requestId'>): string {
  return `${deviceId}\n${requestId}`;
}
