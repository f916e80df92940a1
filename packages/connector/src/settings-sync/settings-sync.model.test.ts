import type { ConnectorPort, DeliveryResult } from '@preservarium/deliverer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCrashableBackend } from '../../test/crashable-backend.js';
import { createFakeDeliverer, unreachable } from '../../test/fake-deliverer.js';
import { createFakeSettingsStore } from '../../test/fake-settings-store.js';
import { createWorld } from '../../test/world.js';

const devices = ['d1', 'd2', 'd3'];
const ofDevice = (kind: 'desire' | 'turn') =>
  fc.record({ kind: fc.constant(kind), device: fc.constantFrom(...devices) });
const step = fc.oneof(
  { weight: 6, arbitrary: ofDevice('desire') },
  { weight: 3, arbitrary: ofDevice('turn') },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'join' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'let it run' as const }) },
);

test.each(['answers', 'reports'] as const)(
  'whatever comes and goes, a device that %s has what is desired last, and only a crash takes it back',
  { timeout: 120_000 },
  async (how) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = createWorld();
        const store = createFakeSettingsStore();
        const isThere = new Map(devices.map((device) => [device, true]));
        const taken = new Map<string, number[]>(devices.map((device) => [device, []]));
        const desired = new Map<string, number>();
        let crashed = false;
        let value = 0;

        const running: { crash(): Promise<void>; close(): Promise<void>; port: ConnectorPort }[] = [];
        const start = async () => {
          const { backend, crash } = createCrashableBackend(world.broker);
          const deliverer = createFakeDeliverer(async ({ deviceId, payload }): Promise<DeliveryResult> => {
            await Promise.resolve();
            if (!isThere.get(deviceId)) return unreachable;
            taken.get(deviceId)?.push(payload.value as number);
            if (how === 'answers') return { kind: 'delivered', evidence: 'device', result: payload };
            setImmediate(() => running[0]?.port.reported(deviceId, payload));
            return { kind: 'delivered', evidence: 'gateway' };
          });
          const retry = { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 2 };
          const connector = await world.start(deliverer, { backend, retry, settings: store });
          running.push({ crash, close: () => connector.close(), port: deliverer.port });
        };

        await start();
        for (const { kind, ...given } of steps) {
          const device = 'device' in given ? given.device : '';
          if (kind === 'desire') {
            desired.set(device, value);
            store.desire(device, { value: value++ });
          } else if (kind === 'turn') {
            isThere.set(device, !isThere.get(device));
            if (isThere.get(device)) for (const { port } of running) port.reachable(device);
          } else if (kind === 'join') {
            if (running.length < 2) await start();
          } else if (kind === 'restart') {
            await running.shift()?.close();
            if (running.length === 0) await start();
          } else if (kind === 'crash') {
            crashed = true;
            await running.shift()?.crash();
            if (running.length === 0) await start();
          } else {
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        for (const device of devices) isThere.set(device, true);
        await expect
          .poll(() => devices.map((device) => [taken.get(device)?.at(-1), store.reported(device).value]), {
            timeout: 5_000,
          })
          .toEqual(devices.map((device) => [desired.get(device), desired.get(device)]));
        for (const device of devices) {
          const values = taken.get(device) ?? [];
          if (!crashed) expect(values).toEqual(values.toSorted((a, b) => a - b));
        }
        expect(world.deadLetters()).toEqual([]);
        await world.close();
      }),
      { numRuns: 60 },
    );
  },
);
