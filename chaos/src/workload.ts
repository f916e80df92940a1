import type { RequiredEvidence } from '@preservarium/core';
import type { PlannedCommand } from './command.js';
import type { PusherAnswer, PusherRequest } from './pusher-message.js';
import type { Random } from './random.js';

const tickMs = 50;
const supersedeKeys = ['set-point', 'mode'] as const;
/** Of these latest commands one is cancelled. */
const cancellable = 200;

export interface WorkloadOptions {
  readonly deviceIds: readonly [string, ...string[]];
  /** Returns true if commands to this device may expire. */
  mayExpire(deviceId: string): boolean;
  /** Commands a second. */
  readonly rate: number;
  readonly random: Random;
  /** The evidence that commands require, drawn for each. */
  readonly evidence: readonly [RequiredEvidence, ...RequiredEvidence[]];
  ask(request: PusherRequest): void;
}

/** The pushed commands, and those that Kafka acknowledged. */
export interface Workload {
  readonly planned: ReadonlyMap<string, PlannedCommand>;
  readonly acknowledged: ReadonlySet<string>;
  /** Pushes that failed, by the code of the error. */
  readonly failures: ReadonlyMap<string, number>;
  cancellations(): number;
  onAnswer(answer: PusherAnswer): void;
  start(): void;
  stop(): void;
}

export function createWorkload({
  deviceIds,
  mayExpire,
  rate,
  random,
  evidence,
  ask,
}: WorkloadOptions): Workload {
  const planned = new Map<string, PlannedCommand>();
  const acknowledged = new Set<string>();
  const failures = new Map<string, number>();
  const latest: PlannedCommand[] = [];
  let cancellations = 0;
  let startedMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function push(): void {
    const due = Math.floor(((performance.now() - startedMs) / 1_000) * rate);
    while (planned.size < due) {
      const command = plan();
      planned.set(command.requestId, command);
      latest[planned.size % cancellable] = command;
      ask({ kind: 'push', ...command });
      if (random.chance(0.05)) cancel();
    }
  }

  function plan(): PlannedCommand {
    const deviceId = random.pick(deviceIds);
    const kind = random.next();
    return {
      requestId: `command-${planned.size}`,
      deviceId,
      expiresAtMs:
        kind < 0.3 && mayExpire(deviceId) ? Date.now() + Math.round(random.between(500, 20_000)) : undefined,
      supersedeKey: kind > 0.7 ? random.pick(supersedeKeys) : undefined,
      requiredEvidence: evidence.length === 1 ? evidence[0] : random.pick(evidence),
    };
  }

  function cancel(): void {
    const command = latest[random.below(latest.length)];
    if (command === undefined) return;
    const { requestId, deviceId } = command;
    ask({ kind: 'cancel', requestId, deviceId });
  }

  return {
    planned,
    acknowledged,
    failures,
    cancellations: () => cancellations,
    onAnswer({ kind, requestId, code }) {
      if (code !== undefined) failures.set(code, (failures.get(code) ?? 0) + 1);
      else if (kind === 'push') acknowledged.add(requestId);
      else cancellations++;
    },
    start() {
      startedMs = performance.now();
      timer = setInterval(push, tickMs);
    },
    stop: () => clearInterval(timer),
  };
}
