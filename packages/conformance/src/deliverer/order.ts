import assert from 'node:assert/strict';
import type { DelivererSuite } from '../deliverer-harness.js';
import { assertDelivered, assertRetryable } from './assert-result.js';
import { type TrialDevice, withDeliverer } from './with-deliverer.js';

export function delivererOrderTests({ test, harness }: DelivererSuite): void {
  const { behaviours, withdrawal } = harness.supports;

  test('order: successive commands of a device reach it once each and in order', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      await deliverEach(device, numbers(1, 50));
      assert.deepEqual(await device.receiveNumbers(50), numbers(1, 50));
      await device.receiveNothingMore();
    }));

  if (behaviours.includes('silent')) {
    test('order: many devices are served side by side while one is silent', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const silent = await createDevice();
        await silent.behave('silent');
        const others = await Promise.all(numbers(1, 20).map(createDevice));
        const controller = new AbortController();
        const waiting = silent.deliver(1, { signal: controller.signal });
        assert.deepEqual(await silent.receiveNumbers(1), [1]);
        await Promise.all(others.map((device) => deliverEach(device, numbers(1, 5))));
        for (const device of others) assert.deepEqual(await device.receiveNumbers(5), numbers(1, 5));
        assert.equal(
          await Promise.race([waiting, 'not yet']),
          'not yet',
          'the silent device is still waited for',
        );
        controller.abort();
        assertRetryable(await waiting);
      }));
  }

  const absences = (['silent', 'gone'] as const).filter((absence) => behaviours.includes(absence));
  for (const behaviour of withdrawal ? absences : []) {
    test(`order: what was given up for a device that is ${behaviour} does not reach it later`, () =>
      withDeliverer(
        harness,
        async ({ createDevice }) => {
          const device = await createDevice();
          await device.behave(behaviour);
          assertRetryable(await device.deliver(0), { unreachable: true });
          if (behaviour === 'silent') assert.deepEqual(await device.receiveNumbers(1), [0]);
          await device.behave('accept');
          await untilDelivered(device, 1);
          await deliverEach(device, numbers(2, 30));
          assert.deepEqual(await device.receiveNumbers(30), numbers(1, 30));
          await device.receiveNothingMore();
        },
        { timeoutMs: 1_000 },
      ));
  }
}

async function deliverEach(device: TrialDevice, which: readonly number[]): Promise<void> {
  for (const number of which) assertDelivered(await device.deliver(number));
}

/** A connection to a device that is back may take some attempts. */
async function untilDelivered(device: TrialDevice, number: number): Promise<void> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    const result = await device.deliver(number, { attempt });
    if (result.kind === 'delivered') return;
    assertRetryable(result);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the device is back, and nothing is delivered to it');
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
