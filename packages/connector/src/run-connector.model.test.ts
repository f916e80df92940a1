import { type ConsumedRecord, headerText } from '@preservarium/backend';
import {
  createRecordSigner,
  createRecordVerifier,
  createSigningJwk,
  readSigningKey,
  readVerificationKeys,
} from '@preservarium/signing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const devices = ['d1', 'd2', 'd3'];
interface Running {
  crash(): Promise<void>;
  close(): Promise<void>;
  /** Its partitions go to others, and it does not know. */
  freeze(): Promise<void>;
  /** It writes what it was about to write. */
  thaw(): void;
  reachable(device: string): void;
}

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
  { weight: 1, arbitrary: fc.constant({ kind: 'freeze' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'thaw' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'retention' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'add a partition' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'let it run' as const }) },
);

/** Longer than the lease of an owner, as a session is. */
const frozenMs = 20_000;
const maxPartitions = 4;

test.each([
  ['in memory', 150, 'off'],
  ['in a file', 100, 'off'],
  ['in memory', 60, 'enforce'],
  ['in a file', 30, 'enforce'],
] as const)(
  'whatever comes and goes, with a store %s, nothing is lost or reordered, and only a crash repeats (%i runs, signatures: %s)',
  {
    timeout: 120_000,
  },
  async (place, numRuns, mode) => {
    const signatures = mode === 'off' ? undefined : createSignatures();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = createWorld({ sign: signatures?.sign });
        using files = createStateDirs();
        const isThere = new Map(devices.map((device) => [device, true]));
        const pushed = new Map<string, number[]>(devices.map((device) => [device, []]));
        const received = new Map<string, number[]>(devices.map((device) => [device, []]));
        const delivered = new Set<string>();
        const unmarked: number[] = [];
        const partitionOf = new Map<number, string>();
        let crashed = false;
        let partitions = 2;
        let note = 0;
        let skewMs = 0;

        const running: Running[] = [];
        const frozen: Running[] = [];
        const start = async () => {
          const { backend, crash, freeze, thaw } = createCrashableBackend(world.broker);
          const stateDir = place === 'in a file' ? files.take() : undefined;
          let hasCrashed = false;
          let thawed: PromiseWithResolvers<void> | undefined;
          const deliverer = createFakeDeliverer(async ({ deviceId, payload }, context) => {
            await Promise.resolve();
            if (hasCrashed) return new Promise<never>(() => {});
            if (thawed !== undefined) {
              await thawed.promise;
              return unreachable;
            }
            if (!isThere.get(deviceId)) return unreachable;
            const note = payload.note as number;
            const { sequence = '' } = context;
            delivered.add(sequence);
            const [partition = ''] = sequence.split(':');
            partitionOf.set(note, partition);
            const before = received.get(deviceId) ?? [];
            // A repeat, or an older command after a newer one, must say that it may be one. Between partitions there is no order.
            const isLate = before.some(
              (earlier) => earlier >= note && (earlier === note || partitionOf.get(earlier) === partition),
            );
            if (!context.mayBeRepeat && isLate) unmarked.push(note);
            before.push(note);
            return accepted;
          });
          const retry = { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 2 };
          const connector = await world.start(deliverer, {
            backend,
            retry,
            clock: () => Date.now() + skewMs,
            ...(stateDir !== undefined && { stateDir }),
            signatures,
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
            async freeze() {
              thawed = Promise.withResolvers();
              await freeze();
            },
            thaw() {
              thaw();
              thawed?.resolve();
              thawed = undefined;
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
          } else if (kind === 'freeze') {
            const connector = running.shift();
            if (connector === undefined) continue;
            crashed = true;
            frozen.push(connector);
            await connector.freeze();
            skewMs += frozenMs;
            if (running.length === 0) await start();
          } else if (kind === 'thaw') {
            frozen.shift()?.thaw();
          } else if (kind === 'retention') {
            for (const topic of ['device_commands', 'device_commands_waiting']) removeProcessed(world, topic);
          } else if (kind === 'add a partition') {
            // A command of the partition that its device had before is refused.
            if (partitions === maxPartitions || signatures !== undefined) continue;
            partitions++;
            world.broker.topic('device_commands')?.addPartitions(1);
            world.broker.rebalance();
          } else {
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        for (const connector of frozen) connector.thaw();
        world.broker.rebalance();
        for (const device of devices) isThere.set(device, true);
        await expect
          .poll(() => devices.map((device) => new Set(received.get(device)).size), { timeout: 5_000 })
          .toEqual(devices.map((device) => pushed.get(device)?.length));
        await expect.poll(() => world.uncommitted(), { timeout: 5_000 }).toBe(0);

        for (const device of devices) {
          const notes = received.get(device) ?? [];
          const firsts = [...new Set(notes)];
          for (let partition = 0; partition < partitions; partition++) {
            const isOf = (note: number) => partitionOf.get(note) === String(partition);
            expect(firsts.filter(isOf)).toEqual(pushed.get(device)?.filter(isOf));
          }
          if (!crashed) expect(notes).toEqual(firsts);
        }
        expect(unmarked).toEqual([]);
        expect(world.deadLetters()).toEqual([]);
        if (signatures !== undefined) await assertCopiesAreRefused(world, delivered);
        await world.close();
      }),
      { numRuns },
    );
  },
);

function createSignatures() {
  const { signs, verifies } = createSigningJwk({ issuer: 'app', algorithm: 'HS256' });
  return {
    sign: createRecordSigner({ key: readSigningKey(signs) }),
    verifier: createRecordVerifier({ keys: readVerificationKeys({ keys: [verifies] }) }),
  };
}

/** Writes a copy of each record. */
async function assertCopiesAreRefused(world: World, delivered: ReadonlySet<string>): Promise<void> {
  const records = [...world.broker.records('device_commands')];
  for (const { key, value, headers, partition } of records) {
    await world.publish({ key: key ?? '', value: value ?? Buffer.alloc(0), headers, partition });
  }
  const copies = world.broker.records('device_commands').slice(records.length).map(placeOf).toSorted();
  // A change of owner may write a dead letter twice.
  const refused = () => [...new Set(world.deadLetters().map(sourceOf))].toSorted();
  await expect.poll(refused, { timeout: 5_000 }).toEqual(copies);
  expect(copies.filter((place) => delivered.has(place))).toEqual([]);
}

const placeOf = ({ partition, offset }: ConsumedRecord) => `${partition}:${offset}`;
const sourceOf = ({ headers }: ConsumedRecord) =>
  `${headerText(headers, 'source-partition')}:${headerText(headers, 'source-offset')}`;

/** Removes the records that no next owner needs, as the retention of Kafka may. */
function removeProcessed({ broker }: World, topic: string): void {
  const { partitions = 0, deleteBefore = () => {} } = broker.topic(topic) ?? {};
  for (let partition = 0; partition < partitions; partition++) {
    const committed = broker.group('pusher_connector_mqtt').committed({ topic, partition });
    if (committed !== undefined) deleteBefore(partition, committed);
  }
}
