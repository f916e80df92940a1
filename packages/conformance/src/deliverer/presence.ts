import assert from 'node:assert/strict';
import type { ConnectorPort, DevicePresence } from '@preservarium/deliverer';
import { createDeferred } from '../deferred.js';
import type { DelivererSuite } from '../deliverer-harness.js';
import { within } from '../within.js';
import { deafPort, patienceMs, withDeliverer } from './with-deliverer.js';

export function presenceTests({ test, harness }: DelivererSuite): void {
  if (!harness.supports.presence) return;

  test('presence: what devices say of it reaches the connector, in order', () => {
    const heard: [string, DevicePresence][] = [];
    const all = createDeferred();
    const port: ConnectorPort = {
      ...deafPort,
      presence(deviceId, said) {
        if (heard.push([deviceId, said]) === 4) all.resolve();
      },
    };
    return withDeliverer(
      harness,
      async ({ createDevice }) => {
        const devices = [await createDevice(), await createDevice()];
        for (const said of ['away', 'present'] as const) {
          for (const device of devices) await device.tellPresence(said);
        }
        await within(all.promise, patienceMs, 'the presence of two devices');
        for (const { deviceId } of devices) {
          const ofDevice = heard.filter(([id]) => id === deviceId).map(([, said]) => said);
          assert.deepEqual(ofDevice, ['away', 'present']);
        }
      },
      {},
      port,
    );
  });

  test('presence: a connector that does not ask for it is served, and hears nothing of it', () => {
    const reachable: string[] = [];
    const port: ConnectorPort = {
      ...deafPort,
      reachable: (deviceId) => reachable.push(deviceId) === 0,
    };
    return withDeliverer(
      harness,
      async ({ createDevice }) => {
        const device = await createDevice();
        for (const said of ['away', 'present'] as const) await device.tellPresence(said);
        const result = await device.deliver(1);
        assert.equal(result.kind, 'delivered', JSON.stringify(result));
        assert.deepEqual(await device.receiveNumbers(1), [1]);
        assert.deepEqual(reachable, []);
      },
      {},
      port,
    );
  });
}
