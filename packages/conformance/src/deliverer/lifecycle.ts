import assert from 'node:assert/strict';
import { createDeferred } from '../deferred.js';
import type { DelivererSuite } from '../deliverer-harness.js';
import { within } from '../within.js';
import { assertDelivered, assertRetryable } from './assert-result.js';
import { deafPort, patienceMs, withDeliverer } from './with-deliverer.js';

const timeoutMs = 10_000;

export function delivererLifecycleTests({ test, harness }: DelivererSuite): void {
  const { behaviours, connection } = harness.supports;

  test('lifecycle: it is ready from start to close', async () => {
    const deliverer = harness.createDeliverer({ timeoutMs });
    assert.equal(deliverer.isReady(), false);
    await deliverer.start(deafPort, { timeoutMs });
    assert.equal(deliverer.isReady(), true);
    await deliverer.close({ timeoutMs });
    assert.equal(deliverer.isReady(), false);
  });

  test('lifecycle: close can be called twice, side by side, and without start', async () => {
    for (const started of [false, true]) {
      const deliverer = harness.createDeliverer({ timeoutMs });
      if (started) await deliverer.start(deafPort, { timeoutMs });
      const closing = [deliverer.close({ timeoutMs }), deliverer.close({ timeoutMs })];
      await within(Promise.all(closing), patienceMs, 'close');
      await within(deliverer.close({ timeoutMs }), patienceMs, 'close of a closed deliverer');
    }
  });

  test('lifecycle: after close, deliver gives retryable', () =>
    withDeliverer(harness, async ({ deliverer, createDevice }) => {
      const device = await createDevice();
      assertDelivered(await device.deliver(1));
      await deliverer.close({ timeoutMs });
      assertRetryable(await device.deliver(2));
    }));

  test('lifecycle: close waits for the deliveries in flight', async () => {
    const formatting = createDeferred();
    const closing = createDeferred();
    await withDeliverer(
      harness,
      async ({ deliverer, createDevice }) => {
        const device = await createDevice();
        const delivering = device.deliver(1);
        await within(formatting.promise, patienceMs, 'formatCommand');
        const closed = deliverer.close({ timeoutMs });
        setTimeout(closing.resolve, 50);
        assertDelivered(await delivering);
        await within(closed, patienceMs, 'close');
        assert.deepEqual(await device.receiveNumbers(1), [1]);
      },
      {
        async formatCommand() {
          formatting.resolve();
          await closing.promise;
          return undefined;
        },
      },
    );
  });

  if (behaviours.includes('silent')) {
    test('lifecycle: close ends the deliveries in flight at its deadline with retryable', () =>
      withDeliverer(harness, async ({ deliverer, createDevice }) => {
        const device = await createDevice();
        await device.behave('silent');
        const delivering = device.deliver(1);
        assert.deepEqual(await device.receiveNumbers(1), [1]);
        await within(deliverer.close({ timeoutMs: 200 }), patienceMs, 'close');
        assertRetryable(await delivering);
      }));
  }

  if (!connection) return;

  test('lifecycle: start rejects with BACKEND_UNAVAILABLE where nothing answers, by its deadline', async () => {
    const deliverer = harness.createDeliverer({ timeoutMs, away: true });
    const starting = deliverer.start(deafPort, { timeoutMs: 1_000 });
    await assert.rejects(within(starting, patienceMs, 'the answer of start'), {
      code: 'BACKEND_UNAVAILABLE',
    });
    assert.equal(deliverer.isReady(), false);
    await within(deliverer.close({ timeoutMs }), patienceMs, 'close');
  });

  if (behaviours.includes('gone')) {
    test('lifecycle: it is ready again once the device side is back', () =>
      withDeliverer(harness, async ({ deliverer, createDevice }) => {
        const device = await createDevice();
        await device.behave('gone');
        await until(() => !deliverer.isReady(), 'the loss of the connection');
        await device.behave('accept');
        await until(() => deliverer.isReady(), 'a new connection');
        assertDelivered(await device.deliver(1));
        assert.deepEqual(await device.receiveNumbers(1), [1]);
      }));
  }
}

async function until(happened: () => boolean, what: string): Promise<void> {
  const deadlineAt = performance.now() + patienceMs;
  while (!happened()) {
    assert.ok(performance.now() < deadlineAt, `${what} did not happen within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
