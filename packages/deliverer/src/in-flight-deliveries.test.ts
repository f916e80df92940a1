import { expect, test } from 'vitest';
import type { DeliveryResult } from './deliverer.js';
import { createInFlightDeliveries } from './in-flight-deliveries.js';

const delivered: DeliveryResult = { kind: 'delivered', evidence: 'device' };
const aborted: DeliveryResult = { kind: 'retryable', reason: 'aborted', unreachable: false };

test('drain resolves at once when nothing is in flight, and aborts what comes later', async () => {
  const deliveries = createInFlightDeliveries();
  expect(await deliveries.track(delivered)).toBe(delivered);
  await deliveries.drain(60_000);
  expect(deliveries.closing.aborted).toBe(true);
});

test('drain waits for the last delivery, also for one that fails', async () => {
  const deliveries = createInFlightDeliveries();
  const [first, second] = [Promise.withResolvers<DeliveryResult>(), Promise.withResolvers<DeliveryResult>()];
  const tracked = [deliveries.track(first.promise), deliveries.track(second.promise)];
  let isDrained = false;
  const drained = deliveries.drain(60_000).then(() => {
    isDrained = true;
  });
  first.resolve(delivered);
  expect(await tracked[0]).toBe(delivered);
  expect([isDrained, deliveries.closing.aborted]).toEqual([false, false]);
  second.reject(new Error('broken'));
  await expect(tracked[1]).rejects.toThrow('broken');
  await drained;
});

test('drain gives up the deliveries at its deadline, and waits for their results', async () => {
  const deliveries = createInFlightDeliveries();
  const result = Promise.withResolvers<DeliveryResult>();
  deliveries.closing.addEventListener('abort', () => result.resolve(aborted));
  const tracked = deliveries.track(result.promise);
  await deliveries.drain(1);
  expect(await tracked).toBe(aborted);
});
