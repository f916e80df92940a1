import type { Logger } from '@preservarium/backend';
import type { Deliverer, DeviceReport } from '@preservarium/deliverer';
import type { DecodeRecord } from '../intake/decode-record.js';
import type { SignatureCheck } from '../intake/signature-check.js';
import type { WaitingCommand } from '../ledger/waiting-store.js';
import type { Outcomes } from '../outcome/outcomes.js';
import type { CommandLedger, CommandTarget, PendingCommand } from '../pending-command.js';
import { createAttemptResults } from './attempt-results.js';
import { createAwaitedAnswers } from './awaited-answers.js';
import { createCancelCommand } from './cancel-command.js';
import { createDeadlines } from './deadlines.js';
import { createDeliveredCommands } from './delivered-commands.js';
import { createDeliveryLoop } from './delivery-loop.js';
import type { Device } from './device.js';
import { createDeviceAnswers } from './device-answers.js';
import { createDevices } from './devices.js';
import { createLeavingPartitions, type LeavingPartitions } from './leaving-partitions.js';
import { createPlaceCommand } from './place-command.js';
import type { RequiredProof } from './required-proof.js';
import type { RetryPolicy } from './retry-policy.js';
import { createReturningCommands } from './returning-commands.js';
import { createStoredCommands } from './stored-commands.js';
import { createSupersession } from './supersession.js';
import { createWaitingDevices } from './waiting-devices.js';
import { createWakeRate } from './wake-rate.js';

export interface DeviceSchedulerOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly decode: DecodeRecord;
  readonly outcomes: Outcomes;
  readonly retry: RetryPolicy;
  readonly proof: RequiredProof;
  /** Returns true if the device says that it is away: nothing is sent to it. */
  isAway(deviceId: string): boolean;
  /** Devices a second whose waiting commands are taken up. */
  readonly wakeRate: number;
  /** Returns why the signature of a command that waited is refused. */
  refusalOf: SignatureCheck['atReturn'];
  readonly maxWaitMs: number;
  readonly maxConcurrentDeliveries: number;
  /** Devices whose answers are awaited in memory. */
  readonly maxAwaited: number;
  readonly maxRememberedIds: number;
  /** The records are envelopes of `@preservarium/core`. */
  readonly isEnvelope: boolean;
  readonly clock: () => number;
  readonly logger: Logger;
  /** The store of waiting commands cannot be used. */
  onFailed(error: unknown): void;
  /** The command is forgotten because its partition goes to another connector. */
  onDropped(pending: PendingCommand): void;
}

/** Delivers the commands of each device one after another, and those of different devices side by side. */
export interface DeviceScheduler extends LeavingPartitions {
  /** The partition is owned: what waits in it may be delivered. */
  open(ledger: CommandLedger): void;
  schedule(pending: PendingCommand): void;
  /** A command waits from now on. */
  takeDeferred(ledger: CommandLedger, command: WaitingCommand): void;
  /** Ends the command unless an attempt is in flight. */
  cancel(target: CommandTarget): void;
  /**
   * The device answered. Ends its command if that requires an answer, was sent, and the report is enough; returns a promise that resolves when the end is
   * in Kafka. Returns undefined where no command ends.
   *
   * @param isWritten the event of the report is in Kafka. Default: false
   */
  answered(report: DeviceReport, isWritten?: boolean): Promise<void> | undefined;
  /** Returns true while the command is scheduled, waits, or comes back from the changelog. */
  has(target: CommandTarget): boolean;
  /** Tries again at once; returns whether anything waits for the device. */
  reachable(deviceId: string): boolean;
  /** Commands that wait for their devices. */
  waiting(): number;
  /** Those of them that are in memory until they were read from the changelog. */
  comingBack(): number;
}

export function createDeviceScheduler(options: DeviceSchedulerOptions): DeviceScheduler {
  const { outcomes, proof, isAway, maxRememberedIds, clock } = options;
  const devices = createDevices();
  const delivered = createDeliveredCommands(maxRememberedIds);
  const awaited = createAwaitedAnswers(options.maxAwaited, maxRememberedIds);
  const supersession = createSupersession(maxRememberedIds);
  const deadlines = createDeadlines({ outcomes, maxWaitMs: options.maxWaitMs, clock });
  const returning = createReturningCommands({ outcomes, onRefused: forgetIfDone });
  const stored = createStoredCommands({
    decode: options.decode,
    outcomes,
    delivered,
    supersession,
    refusalOf: options.refusalOf,
    find: devices.find,
  });
  const results = createAttemptResults({
    outcomes,
    retry: options.retry,
    proof,
    awaited,
    delivered,
    clock,
    defer: returning.defer,
  });
  const answered = createDeviceAnswers({ outcomes, proof, awaited, delivered, stored, devices, reachable });
  const cancel = createCancelCommand({ outcomes, stored, devices });
  const loop = createDeliveryLoop({
    ...options,
    deadlineMs: deadlines.of,
    onDispatched: outcomes.dispatched,
    onResult: results.onResult,
    awaited: awaited.heldBy,
    onUnanswered: results.onUnanswered,
    onOverdue: deadlines.end,
    onAway(device) {
      results.onAway(device);
      sleeping.unload(device);
    },
    load: (device) => sleeping.load(device),
    rest: (device) => sleeping.unload(device),
    onIdle(device) {
      if (device.isAwake) sleeping.sleep(device);
      forgetIfDone(device);
    },
  });
  const place = createPlaceCommand({
    outcomes,
    proof,
    delivered,
    supersession,
    isAway,
    defer: returning.defer,
    serve: loop.serve,
  });
  const sleeping = createWaitingDevices({
    maxAwake: 2 * options.maxConcurrentDeliveries,
    rate: createWakeRate(options.wakeRate),
    isAway,
    clock,
    onFailed: options.onFailed,
    ledgers: () => [...devices.ledgers()].filter((ledger) => !ledger.isEnding),
    deviceOf: devices.take,
    serve: loop.serve,
    admit: stored.admit,
    read: stored.read,
    endOverdue,
  });
  const leaving = createLeavingPartitions({
    outcomes,
    devices,
    loop,
    awaited,
    returning,
    sleeping,
    onDropped: options.onDropped,
  });

  // ---- commands that come in, new or from the changelog

  function open(ledger: CommandLedger): void {
    devices.open(ledger);
    sleeping.start(ledger);
  }

  function schedule(pending: PendingCommand): void {
    const device = devices.take(pending.ledger, pending.channel);
    place(device, pending);
    forgetIfDone(device);
  }

  function takeDeferred(ledger: CommandLedger, command: WaitingCommand): void {
    const { channel, deadlineMs } = command;
    const { offset } = command.record;
    const device = devices.find(ledger, channel);
    if (device !== undefined) returning.end(device, offset);
    const hasKey = command.supersedeKey !== undefined;
    // One that may replace others is verified before it does.
    const isWaiting = hasKey
      ? stored.admit(ledger, command) !== undefined
      : !stored.endIfDecided(ledger, command);
    const superseded = isWaiting && hasKey ? ledger.waiting.supersede(offset) : undefined;
    if (superseded !== undefined) stored.supersede(ledger, superseded);
    if (isWaiting && superseded !== offset) {
      if (device === undefined) ledger.waiting.ensureDue(channel);
      else sleeping.add(device, command);
    }
    if (device !== undefined) forgetIfDone(device);
    sleeping.look(deadlineMs);
  }

  // ---- devices

  /** On one partition, unless the producers of the device's commands hash keys differently. */
  function reachable(deviceId: string): boolean {
    let isFound = false;
    for (const ledger of devices.ledgers()) {
      const inMemory = devices.channelsOf(ledger, deviceId);
      for (const device of inMemory) {
        device.nextAttemptAtMs = awaited.restsUntilMs(device.channel);
        device.wake?.();
      }
      isFound ||= inMemory.length > 0;
      for (const channel of ledger.waiting.channelsOf(deviceId)) {
        if (ledger.isEnding || devices.find(ledger, channel)?.isAwake) continue;
        if (sleeping.setDue(ledger, channel, awaited.restsUntilMs(channel))) isFound = true;
      }
    }
    return isFound;
  }

  function forgetIfDone(device: Device): void {
    const { channel, ledger, queue } = device;
    if (device.isServed || queue.size() > 0 || device.comingBack.size > 0) return;
    if (device.hasStored && device.nextAttemptAtMs !== 0) sleeping.sleep(device);
    else if (device.hasStored) ledger.waiting.ensureDue(channel);
    devices.forget(device);
  }

  function endOverdue(ledger: CommandLedger, command: WaitingCommand): boolean {
    if (stored.isAttempted(ledger, command)) return false;
    const pending = stored.take(ledger, command);
    if (pending !== undefined) deadlines.end(pending);
    return true;
  }

  // ---- commands that are here

  function has(target: CommandTarget): boolean {
    for (const ledger of devices.ledgers()) {
      const channels = devices.channelsOf(ledger, target.deviceId);
      const isInMemory =
        channels.some(({ comingBack }) => comingBack.size > 0) ||
        devices.queued(ledger, target) !== undefined;
      if (isInMemory || ledger.waiting.offsetOf(target) !== undefined) return true;
    }
    return false;
  }

  function waiting(): number {
    let count = returning.count();
    for (const ledger of devices.ledgers()) count += ledger.waiting.count();
    return count;
  }

  return {
    open,
    schedule,
    takeDeferred,
    cancel,
    answered,
    has,
    reachable,
    ...leaving,
    waiting,
    comingBack: returning.count,
  };
}
