import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterAll } from 'vitest';

type Attributes = Readonly<Record<string, unknown>>;

/** The SDK of an application, in memory. */
export interface TestSdk {
  /** The ended spans with this name, in the order of their ends. */
  spans(name: string): ReadableSpan[];
  /** Value of a counter or gauge, or the count of a histogram, of the series with these attributes. */
  metric(name: string, attributes: Attributes): Promise<number | undefined>;
  /** Forgets the spans. */
  reset(): void;
}

/** Registers an SDK until the tests of the file have run: OpenTelemetry takes no second one in a process. */
export function registerTestSdk(): TestSdk {
  const exporter = new InMemorySpanExporter();
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    // Collected when a test asks.
    exportIntervalMillis: 2 ** 31 - 1,
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  afterAll(() => {
    for (const api of [context, propagation, trace, metrics]) api.disable();
  });

  async function metric(name: string, attributes: Attributes): Promise<number | undefined> {
    const { resourceMetrics } = await reader.collect();
    const series = resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap((data): DataPoint<unknown>[] => [...data.dataPoints])
      .find((point) => sameAttributes(point.attributes, attributes));
    if (series === undefined) return undefined;
    return typeof series.value === 'number' ? series.value : (series.value as Histogram).count;
  }

  return {
    spans: (name) => exporter.getFinishedSpans().filter((span) => span.name === name),
    metric,
    reset: () => exporter.reset(),
  };
}

function sameAttributes(some: Attributes, others: Attributes): boolean {
  const names = new Set([...Object.keys(some), ...Object.keys(others)]);
  return [...names].every((name) => some[name] === others[name]);
}
