import assert from 'node:assert/strict';
import type { DelivererSuite } from '../deliverer-harness.js';
import { assertDelivered, assertRejected, assertRetryable } from './assert-result.js';
import { withDeliverer } from './with-deliverer.js';

export function resultTests({ test, harness }: DelivererSuite): void {
  const { behaviours, evidence, repeatMark } = harness.supports;

  test('results: what the device takes is delivered, with the evidence that the protocol has', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      const result = await device.deliver(1);
      assert.ok(result.kind === 'delivered', JSON.stringify(result));
      assert.equal(result.evidence, evidence);
      assert.deepEqual(await device.receiveNumbers(1), [1]);
    }));

  if (behaviours.includes('reject')) {
    test('results: what the device refuses is rejected with a reason, and takes no other with it', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        await device.behave('reject');
        assertRejected(await device.deliver(1));
        await device.behave('accept');
        assertDelivered(await device.deliver(2));
        assert.deepEqual(await device.receiveNumbers(1), [2]);
      }));
  }

  if (behaviours.includes('fail once')) {
    test('results: what the device cannot take now is retryable, the device reachable, and a retry is delivered', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        await device.behave('fail once');
        assertRetryable(await device.deliver(1), { unreachable: false });
        assertDelivered(await device.deliver(1, { attempt: 2 }));
        assert.deepEqual(await device.receiveNumbers(1), [1]);
      }));
  }

  if (behaviours.includes('gone')) {
    test('results: a device that is gone is unreachable, and its commands are retryable', () =>
      withDeliverer(
        harness,
        async ({ createDevice }) => {
          const device = await createDevice();
          await device.behave('gone');
          assertRetryable(await device.deliver(1), { unreachable: true });
        },
        { timeoutMs: 1_000 },
      ));
  }

  if (harness.supports.directory) {
    for (const directory of ['fails', 'hangs'] as const) {
      test(`results: while the device directory ${directory}, a device is unreachable, and its commands are retryable`, () =>
        withDeliverer(
          harness,
          async ({ createDevice }) => {
            const device = await createDevice();
            assertRetryable(await device.deliver(1), { unreachable: true });
            await device.receiveNothingMore();
          },
          { directory, timeoutMs: 500 },
        ));
    }
  }

  if (harness.supports.sequence) {
    test('results: the place of a command in Kafka reaches the device', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        assertDelivered(await device.deliver(1, { sequence: '3:1842' }));
        assert.equal((await device.receive()).sequence, '3:1842');
      }));
  }

  test('results: formatCommand is given the place of a command in Kafka', () =>
    withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        assertDelivered(await device.deliver(1, { sequence: '3:1842' }));
        assert.equal((await device.receive()).bytes.toString(), '3:1842');
      },
      {
        formatCommand: (_, { sequence = 'none' }) => ({
          bytes: Buffer.from(sequence),
          contentType: 'text/plain',
        }),
      },
    ));

  if (repeatMark) {
    test('results: a repeat is marked, and nothing else is', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        const marks: unknown[] = [];
        for (const mayBeRepeat of [false, true, false]) {
          assertDelivered(await device.deliver(1, { attempt: 2, mayBeRepeat }));
          marks.push((await device.receive()).mayBeRepeat ?? false);
        }
        assert.deepEqual(marks, [false, true, false]);
      }));
  }
}
