import assert from 'node:assert/strict';
import type { FormatCommand } from '@preservarium/deliverer';
import { createDeferred } from '../deferred.js';
import type { DelivererSuite } from '../deliverer-harness.js';
import { assertDelivered, assertRejected, assertRetryable } from './assert-result.js';
import { withDeliverer } from './with-deliverer.js';

export function payloadTests({ test, harness }: DelivererSuite): void {
  test('payloads: JSON reaches the device as it is, small and large', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      for (const payload of [
        {},
        { text: 'ü 🌡', nested: { list: [1, null, true] } },
        { long: 'x'.repeat(5_000) },
      ]) {
        assertDelivered(await device.deliverPayload(payload));
        assert.deepEqual(JSON.parse((await device.receive()).bytes.toString()), payload);
      }
    }));

  test('payloads: a raw payload reaches the device as the bytes it stands for', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      assertDelivered(await device.deliverPayload({ raw: '00ff7b0a' }));
      assert.equal((await device.receive()).bytes.toString('hex'), '00ff7b0a');
    }));

  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const formatCommand: FormatCommand = async ({ payload }) =>
    payload.number === 1 ? { bytes: everyByte, contentType: 'application/octet-stream' } : undefined;

  test('payloads: formatCommand makes the bytes, and JSON stands where it leaves it to that', () =>
    withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        assertDelivered(await device.deliver(1));
        assert.deepEqual((await device.receive()).bytes, everyByte);
        assertDelivered(await device.deliver(2));
        assert.deepEqual(await device.receiveNumbers(1), [2]);
      },
      { formatCommand },
    ));

  test('payloads: a command that cannot be formatted is rejected, and takes no other with it', () =>
    withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        for (const number of [1, 2]) assertRejected(await device.deliver(number));
        assertRejected(await device.deliverPayload({ raw: 'not hexadecimal' }));
        assertDelivered(await device.deliver(3));
        assert.deepEqual(await device.receiveNumbers(1), [3]);
      },
      {
        formatCommand({ payload }) {
          if (payload.number === 1) throw new Error('poison');
          return payload.number === 2 ? Promise.reject(new Error('poison')) : undefined;
        },
      },
    ));

  test('payloads: a formatCommand that does not answer is given up at the deadline, and what it says later is not sent', async () => {
    const hang = createDeferred();
    await withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        assertRetryable(await device.deliver(1), { unreachable: false });
        hang.resolve();
        assertDelivered(await device.deliver(2));
        assert.deepEqual(await device.receiveNumbers(1), [2]);
      },
      {
        timeoutMs: 500,
        async formatCommand({ payload }) {
          if (payload.number === 1) await hang.promise;
          return undefined;
        },
      },
    );
  });
}
