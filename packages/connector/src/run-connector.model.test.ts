import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld } from '../test/world.js';

const devices = ['d1', 'd2', 'd3'];
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('push' as const), device: fc.constantFrom(...devices) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('turn' as const), device: fc.constantFrom(...devices) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'join' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'let it run' as const }) },
);

test.each([
  ['in memory', 150],
  ['in a file', 100],
])(
  'whatever comes and goes, with a store %s, nothing is lost or reordered, and only a crash repeats',
  {
    timeout: 120_000,
  },
  async (place, numRuns) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = createWorld();
        using files = createStateDirs();
        const isThere = new Map(devices.map((device) => [device, true]));
        const pushed = new Map<string, number[]>(devices.map((device) => [device, []]));
        const received = new Map<string, number[]>(devices.map((device) => [device, []]));
        const unmarked: number[] = [];
        let crashed = false;
        let note = 0;

        const running: { crash(): Promise<void>; close(): Promise<void>; reachable(device: string): void }[] =
          [];
        const start = async () => {
          const { backend, crash } = createCrashableBackend(world.broker);
          const stateDir = place === 'in a file' ? files.take() : undefined;
          let hasCrashed = false;
          const deliverer = createFakeDeliverer(async ({ deviceId, payload }, { mayBeRepeat }) => {
            await Promise.resolve();
            if (hasCrashed) return new Promise<never>(() => {});
            if (!isThere.get(deviceId)) return unreachable;
            const note = payload.note as number;
            const before = received.get(deviceId) ?? [];
            // A repeat, or an older command after a newer one, must say that it may be one.
            if (!mayBeRepeat && before.some((earlier) => earlier >= note)) unmarked.push(note);
            before.push(note);
            return accepted;
          });
          const retry = { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 2 };
          const connector = await world.start(deliverer, {
            backend,
            retry,
            ...(stateDir !== undefined && { stateDir }),
          });
          running.push({
            crash: () => {
              hasCrashed = true;
              if (stateDir !== undefined) files.giveBackCopy(stateDir);
              return crash();
            },
            async close() {
              await connector.close();
              if (stateDir !== undefined) files.giveBack(stateDir);
            },
            reachable: deliverer.port.reachable,
          });
        };

        await start();
        for (const { kind, ...given } of steps) {
          const device = 'device' in given ? given.device : '';
          if (kind === 'push') {
            pushed.get(device)?.push(note);
            await world.push({ deviceId: device, note: note++ });
          } else if (kind === 'turn') {
            isThere.set(device, !isThere.get(device));
            if (isThere.get(device)) for (const { reachable } of running) reachable(device);
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
          .poll(() => devices.map((device) => new Set(received.get(device)).size), { timeout: 5_000 })
          .toEqual(devices.map((device) => pushed.get(device)?.length));
        await expect.poll(() => world.uncommitted(), { timeout: 5_000 }).toBe(0);

        for (const device of devices) {
          const notes = received.get(device) ?? [];
          const firsts = [...new Set(notes)];
          expect(firsts).toEqual(pushed.get(device));
          if (!crashed) expect(notes).toEqual(firsts);
        }
        expect(unmarked).toEqual([]);
        expect(world.deadLetters()).toEqual([]);
        await world.close();
      }),
      { numRuns },
    );
  },
);
