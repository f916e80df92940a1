import assert from 'node:assert/strict';
import type { DelivererSuite } from '../deliverer-harness.js';
import { assertDelivered, assertRetryable } from './assert-result.js';
import { withDeliverer } from './with-deliverer.js';

export function delivererWaitTests({ test, harness }: DelivererSuite): void {
  test('waits: a signal that is aborted already gives retryable, and nothing is sent', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      assertRetryable(await device.deliver(1, { signal: AbortSignal.abort() }));
      assertDelivered(await device.deliver(2));
      assert.deepEqual(await device.receiveNumbers(1), [2]);
    }));

  test('waits: nothing is sent once another connector may serve the device', () => {
    let mayServe = true;
    return withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        assertRetryable(await device.deliver(1, { maySend: () => mayServe }));
        assertDelivered(await device.deliver(2));
        assert.deepEqual(await device.receiveNumbers(1), [2]);
      },
      {
        formatCommand({ payload }) {
          if (payload.number === 1) mayServe = false;
          return undefined;
        },
      },
    );
  });

  test('waits: it asks whether it may send before it sends, and not where nothing is sent', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      let asked = 0;
      const maySend = () => {
        asked++;
        return true;
      };
      assertRetryable(await device.deliver(1, { signal: AbortSignal.abort(), maySend }));
      assert.equal(asked, 0, 'nothing is sent, so nothing is asked');
      assertDelivered(await device.deliver(2, { maySend }));
      assert.ok(asked > 0, 'what is sent counts as dispatched');
    }));

  test('waits: a command that expires while the process stands still is not sent', () =>
    withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        assertRetryable(await device.deliverExpiring(1, new Date(Date.now() + 100)));
        assertDelivered(await device.deliver(2));
        assert.deepEqual(await device.receiveNumbers(1), [2]);
      },
      {
        formatCommand({ expiresAt = new Date(0) }) {
          while (Date.now() < expiresAt.getTime());
          return undefined;
        },
      },
    ));

  if (!harness.supports.behaviours.includes('silent')) return;

  test('waits: a silent device is given up at the deadline, as unreachable', () =>
    withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        await device.behave('silent');
        assertRetryable(await device.deliver(1), { unreachable: true });
      },
      { timeoutMs: 300 },
    ));

  test('waits: aborting gives retryable long before the deadline, and takes no other with it', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const [silent, other] = await Promise.all([createDevice(), createDevice()]);
      await silent.behave('silent');
      const controller = new AbortController();
      const waiting = silent.deliver(1, { signal: controller.signal });
      assert.deepEqual(await silent.receiveNumbers(1), [1]);
      const delivering = other.deliver(2);
      controller.abort();
      assertRetryable(await waiting);
      assertDelivered(await delivering);
      assert.deepEqual(await other.receiveNumbers(1), [2]);
    }));
}
