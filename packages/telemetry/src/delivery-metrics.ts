import type { DeliveryResult } from '@preservarium/deliverer';
import { pusher } from './attributes.js';
import { getMeter, secondsBoundaries } from './instrumentation.js';

/** From 10 ms to 7 days, the longest that a command waits for its device unless another time is set. */
const latencyBoundaries = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 604_800,
];

export interface Attempt {
  readonly result: DeliveryResult;
  /** From 1. */
  readonly attempt: number;
  readonly seconds: number;
  /** When the command was issued, in milliseconds since 1970. */
  readonly issuedAtMs: number;
}

/** Counts and measures the attempts to deliver commands of a protocol. */
export function createDeliveryMetrics(protocol: string): { record(attempt: Attempt): void } {
  const meter = getMeter();
  const deliveries = meter.createCounter('pusher.deliveries', {
    description: 'Attempts to deliver a command, by result.',
    unit: '{attempt}',
  });
  const retries = meter.createCounter('pusher.delivery.retries', {
    description: 'Attempts that were not the first of their command.',
    unit: '{attempt}',
  });
  const duration = meter.createHistogram('pusher.delivery.duration', {
    description: 'How long an attempt to deliver a command took.',
    unit: 's',
    advice: { explicitBucketBoundaries: secondsBoundaries },
  });
  const latency = meter.createHistogram('pusher.command.latency', {
    description: 'Time from when a command was issued until it was delivered.',
    unit: 's',
    advice: { explicitBucketBoundaries: latencyBoundaries },
  });
  const ofProtocol = { [pusher.protocol]: protocol };
  // A series that is there from the start shows the first one that goes wrong as an increase.
  retries.add(0, ofProtocol);
  for (const kind of ['delivered', 'retryable', 'rejected'] satisfies DeliveryResult['kind'][]) {
    deliveries.add(0, { ...ofProtocol, [pusher.result]: kind });
  }
  return {
    record({ result, attempt, seconds, issuedAtMs }) {
      const ofResult = { ...ofProtocol, [pusher.result]: result.kind };
      deliveries.add(1, ofResult);
      duration.record(seconds, ofResult);
      if (attempt > 1) retries.add(1, ofProtocol);
      if (result.kind !== 'delivered') return;
      // Clocks differ: a command may be delivered before it was issued.
      const latencySeconds = Math.max(0, Date.now() - issuedAtMs) / 1_000;
      latency.record(latencySeconds, { ...ofProtocol, [pusher.evidence]: result.evidence });
    },
  };
}
