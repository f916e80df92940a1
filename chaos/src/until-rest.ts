import { setTimeout as pause } from 'node:timers/promises';
import type { Backend } from '@preservarium/backend';
import type { Devices } from './devices.js';
import type { Scene } from './scene.js';
import type { Connector } from './start-connector.js';

const pollMs = 1_000;
/** How long nothing must have been executed. */
const quietMs = 5_000;
const announceEveryMs = 5_000;

export interface RestOptions {
  readonly scene: Scene;
  readonly backend: Pick<Backend, 'offsets'>;
  readonly connectors: () => readonly Connector[];
  readonly devices: Devices;
  readonly timeoutMs: number;
  onProgress(state: string): void;
}

/** Resolves to undefined once lag and waiting commands are 0 and the devices are quiet; to what is not after `timeoutMs`. */
export async function untilRest(options: RestOptions): Promise<string | undefined> {
  const { devices, timeoutMs } = options;
  const deadlineMs = performance.now() + timeoutMs;
  let announcedMs = 0;
  let executed = -1;
  let quietSinceMs = performance.now();
  for (;;) {
    if (performance.now() - announcedMs > announceEveryMs) {
      await devices.announce();
      announcedMs = performance.now();
    }
    if (devices.executions.length !== executed) {
      executed = devices.executions.length;
      quietSinceMs = performance.now();
    }
    const unrest = await findUnrest(options);
    if (unrest === undefined && performance.now() - quietSinceMs > quietMs) return undefined;
    options.onProgress(unrest ?? 'waiting for the devices to be quiet');
    if (performance.now() > deadlineMs) return unrest ?? 'devices still execute commands';
    await pause(pollMs);
  }
}

async function findUnrest({ scene, backend, connectors }: RestOptions): Promise<string | undefined> {
  const states = await Promise.all(connectors().map((connector) => connector.state()));
  const sum = (of: (state: NonNullable<(typeof states)[number]>) => number) =>
    states.reduce((total, state) => total + (state === undefined ? 0 : of(state)), 0);
  if (!states.every((state) => state?.ready)) return 'a connector is not ready';
  const owned = sum(({ partitions }) => partitions?.length ?? 0);
  if (owned !== scene.partitions) return `${owned} of ${scene.partitions} partitions are owned`;
  const offsets = await backend.offsets({ topic: scene.topics.commands, groupId: scene.groupId });
  const lag = offsets.reduce(
    (total, { startOffset, endOffset, committedOffset }) =>
      total + Math.max(0, endOffset - (committedOffset ?? startOffset)),
    0,
  );
  if (lag > 0) return `lag ${lag}`;
  const waiting = sum((state) => state.waiting ?? 0);
  return waiting > 0 ? `${waiting} commands wait` : undefined;
}
