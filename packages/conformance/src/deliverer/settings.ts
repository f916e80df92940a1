import assert from 'node:assert/strict';
import type { JsonObject } from '@preservarium/core';
import type { ConnectorPort } from '@preservarium/deliverer';
import { createDeferred } from '../deferred.js';
import type { DelivererSuite } from '../deliverer-harness.js';
import { within } from '../within.js';
import { assertDelivered } from './assert-result.js';
import { deafPort, patienceMs, withDeliverer } from './with-deliverer.js';

export function settingsTests({ test, harness }: DelivererSuite): void {
  const { settings } = harness.supports;

  test('settings: what a device lacks reaches it as JSON, whatever its names are', () =>
    withDeliverer(harness, async ({ createDevice }) => {
      const device = await createDevice();
      for (const payload of [{ raw: '00ff' }, { nested: { on: true, list: [1, null] } }]) {
        assertDelivered(await device.deliverSettings(payload));
        assert.deepEqual(JSON.parse((await device.receive()).bytes.toString()), payload);
      }
    }));

  if (settings === 'reports') {
    test('settings: what a device reports reaches the connector, and what cannot be read is dropped', () => {
      const reports: { deviceId: string; patch: JsonObject }[] = [];
      const reported = createDeferred();
      const port: ConnectorPort = {
        ...deafPort,
        async reported(deviceId, patch) {
          reports.push({ deviceId, patch });
          reported.resolve();
          return { kind: 'kept' };
        },
      };
      return withDeliverer(
        harness,
        async ({ createDevice }) => {
          const device = await createDevice();
          for (const unreadable of [
            '',
            'on',
            '[1]',
            'null',
            '{"a":',
            deep('{"a":', '}'),
            Buffer.from([0xff]),
          ]) {
            await device.tellSettings(Buffer.from(unreadable));
          }
          await device.tellSettings(Buffer.from('{"a":{"b":1}}'));
          await within(reported.promise, patienceMs, 'what the device reported');
          assert.deepEqual(reports, [{ deviceId: device.deviceId, patch: { a: { b: 1 } } }]);
        },
        {},
        port,
      );
    });
  } else {
    test('settings: what a device answers is the result, and what cannot be read is no object', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        for (const [answer, expected] of [
          ['{"a":', false],
          ['[1]', false],
          ['{"a":{"b":1}}', true],
        ] as const) {
          await device.tellSettings(Buffer.from(answer));
          const result = await device.deliverSettings({ a: { b: 1 } });
          assert.ok(result.kind === 'delivered', JSON.stringify(result));
          assert.equal(result.evidence, harness.supports.evidence);
          const isObject = typeof result.result === 'object' && !Array.isArray(result.result);
          assert.equal(isObject, expected, JSON.stringify(result));
          if (expected) assert.deepEqual(result.result, JSON.parse(answer));
        }
      }));

    test('results: an answer that no lifecycle event can carry is delivered without a result, and the reason says so', () =>
      withDeliverer(harness, async ({ createDevice }) => {
        const device = await createDevice();
        for (const answer of [deep('[', ']'), deep('{"a":', '}')]) {
          await device.tellSettings(Buffer.from(answer));
          const result = await device.deliverSettings({ a: 1 });
          assert.ok(result.kind === 'delivered', JSON.stringify(result));
          assert.equal(result.evidence, harness.supports.evidence);
          assert.equal(result.result, undefined);
          assert.match(result.reason ?? '', /result left out/);
        }
      }));
  }
}

/** JSON of more than 64 levels, which fits into a datagram. */
function deep(open: string, close: string): string {
  return `${open.repeat(150)}1${close.repeat(150)}`;
}
