import {
  createNoopMeter,
  type Meter,
  metrics,
  ProxyTracerProvider,
  type Tracer,
  trace,
} from '@opentelemetry/api';

const name = '@preservarium/telemetry';

export function getTracer(): Tracer {
  return trace.getTracer(name);
}

/** That of the SDK which is registered when it is called: one that comes later counts nothing. */
export function getMeter(): Meter {
  return metrics.getMeter(name);
}

/** Returns true if an SDK is registered, for traces or for metrics. */
export function isSdkRegistered(): boolean {
  const provider = trace.getTracerProvider();
  const isTracing =
    !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(name) !== undefined;
  return isTracing || getMeter() !== createNoopMeter();
}

/** From 5 ms to 10 s, as the semantic conventions advise for durations. */
export const secondsBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1_000;
}
