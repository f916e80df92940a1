import { setTimeout as pause } from 'node:timers/promises';
import { createMemoryBackend, createMemoryBroker } from '@preservarium/backend-memory';
import { runConnector } from '@preservarium/connector';
import type { CommandState, LifecycleEvent } from '@preservarium/core';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { createPusherService } from '@preservarium/publisher';
import { type DeviceKind, fallAsleep, wakeUp } from './sleeping-device.js';

export const endings = ['expired', 'cancelled', 'superseded'] as const;
type Ending = (typeof endings)[number];

/** How many commands were executed after their end. */
export type LateExecutions = Readonly<
  Record<Ending, { readonly executed: number; readonly withExpiry: number }>
>;

export interface CaseOptions extends DeviceKind {
  readonly retain: boolean;
  /** Devices for each ending; each has one command. */
  readonly devices: number;
}

const expiresInMs = 3_000;
/** MQTT counts the life of a message in whole seconds, and retained messages are cleared behind the end. */
const afterEndMs = 1_500;
const waitMs = 60_000;
const hourMs = 3_600_000;

/**
 * Sends each of the devices a command while it sleeps, ends the command, and wakes the device up. The devices execute whatever reaches them. The commands
 * require the answer of the device: otherwise they end at the acknowledgement of the broker.
 */
export async function measureCase({ retain, devices, ...kind }: CaseOptions): Promise<LateExecutions> {
  const broker = createMemoryBroker();
  const seen = new Map<string, CommandState[]>();
  await using service = createPusherService({ backend: createMemoryBackend({ broker }) });
  await using _connector = await runConnector({
    backend: createMemoryBackend({ broker }),
    from: 'beginning',
    // Nothing is sent twice.
    retry: { maxAttempts: 1, baseDelayMs: hourMs, maxDelayMs: hourMs },
    proof: { answerWithinMs: hourMs },
    deliverer: createMqttDeliverer({
      url: kind.url,
      protocolVersion: kind.protocolVersion,
      retainExpiring: true,
      ...(kind.protocolVersion === 4 && { expiresAtField: 'expires_at' }),
    }),
    onEvent({ requestId, state }: LifecycleEvent) {
      seen.set(requestId, [...(seen.get(requestId) ?? []), state]);
    },
  });

  const targets = endings.flatMap((ending) =>
    Array.from({ length: devices }, (_, index) => ({ ending, deviceId: `${ending}-${index}` })),
  );
  await Promise.all(targets.map(({ deviceId }) => fallAsleep(kind, deviceId)));
  const push = (deviceId: string, ending: Ending, number: number) =>
    service.pushCommand({
      deviceId,
      commandType: 'open',
      protocol: 'mqtt',
      payload: { number },
      retain,
      requiredEvidence: 'device',
      ...(ending === 'expired' && { expiresAt: new Date(Date.now() + expiresInMs) }),
      ...(ending === 'superseded' && { supersedeKey: 'valve' }),
    });
  const commands = await Promise.all(
    targets.map(async (target) => ({ ...target, ...(await push(target.deviceId, target.ending, 1)) })),
  );
  const isPast = (states: readonly CommandState[]) =>
    states.some((state) => state === 'delivered' || state === 'waiting');
  await until(() => commands.every(({ requestId }) => isPast(seen.get(requestId) ?? [])), 'all are sent');
  await Promise.all(
    commands.map(async ({ ending, deviceId, requestId }) => {
      if (ending === 'cancelled') await service.cancelCommand({ deviceId, requestId });
      if (ending === 'superseded') await push(deviceId, ending, 2);
    }),
  );
  await until(
    () => commands.every(({ requestId, ending }) => seen.get(requestId)?.includes(ending)),
    'all have ended',
  );
  await pause(afterEndMs);
  const received = await Promise.all(
    targets.map(async ({ ending, deviceId }) => {
      const late = (await wakeUp(kind, deviceId)).filter(({ number }) => number === 1);
      return { ending, isExecuted: late.length > 0, hasExpiry: late.some(({ hasExpiry }) => hasExpiry) };
    }),
  );
  const countOf = (wanted: Ending) => {
    const executed = received.filter(({ ending, isExecuted }) => ending === wanted && isExecuted);
    return { executed: executed.length, withExpiry: executed.filter(({ hasExpiry }) => hasExpiry).length };
  };
  return { expired: countOf('expired'), cancelled: countOf('cancelled'), superseded: countOf('superseded') };
}

async function until(isDone: () => boolean, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + waitMs;
  while (!isDone()) {
    if (performance.now() > giveUpAtMs) throw new Error(`not within ${waitMs} ms: ${what}`);
    await pause(20);
  }
}
