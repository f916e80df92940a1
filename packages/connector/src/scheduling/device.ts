import type { Turn } from '../ledger/waiting-store.js';
import type { Wait } from '../outcome/conclusion.js';
import { type CommandLedger, type PendingCommand, wasSent } from '../pending-command.js';
import { createDeviceQueue, type DeviceQueue, goesBefore, turnOf } from './device-queue.js';

/**
 * The commands of a device that keep their order: see `channel.ts`. In memory, it is served, or commands are on their way; a channel whose commands only wait is in
 * the store. All commands that were loaded from there are in the queue, and they are the first ones.
 */
export interface Device {
  readonly deviceId: string;
  readonly channel: string;
  readonly ledger: CommandLedger;
  readonly queue: DeviceQueue;
  /** Commands that were deferred and have not come back from the changelog, by their offsets. */
  comingBack: Map<number, Waiting>;
  delivering: PendingCommand | undefined;
  /** Its attempt is in flight, and the answer of the device has ended it. */
  endedInFlight: PendingCommand | undefined;
  isServed: boolean;
  /** Resolves when all commands have left the queue that are being deferred; undefined where none are. No attempt starts before. */
  deferring: Promise<void> | undefined;
  nextAttemptAtMs: number;
  /** The store may have commands behind those in the queue. */
  hasStored: boolean;
  /** The last command that was loaded; undefined where none was since the device is served. */
  loadedUpTo: Turn | undefined;
  /** It is not among those that the store calls when they are due. */
  isAwake: boolean;
  /** Ends the backoff before the next attempt. */
  wake?: (() => void) | undefined;
}

/** The part of a waiting command that memory keeps: thousands may be on their way. */
interface Waiting {
  readonly requestId: string;
  readonly turn: Turn;
  /** The command if its device may have it, and may answer. */
  readonly sent: PendingCommand | undefined;
}

/** Stays empty: most devices never have a command that comes back, and need no map. */
const none = new Map<number, Waiting>();

export function createDevice(deviceId: string, channel: string, ledger: CommandLedger): Device {
  return {
    deviceId,
    channel,
    ledger,
    queue: createDeviceQueue(),
    comingBack: none,
    delivering: undefined,
    endedInFlight: undefined,
    isServed: false,
    deferring: undefined,
    nextAttemptAtMs: 0,
    hasStored: ledger.waiting.has(channel),
    loadedUpTo: undefined,
    isAwake: false,
  };
}

/** The command comes back from the changelog. */
export function awaitReturn(device: Device, pending: PendingCommand): void {
  if (device.comingBack === none) device.comingBack = new Map();
  device.comingBack.set(pending.record.offset, waitingOf(pending));
}

/** Returns true if newer commands must wait behind others. */
export function hasWaiting(device: Device): boolean {
  const { hasStored, comingBack, deferring, queue } = device;
  const isDeferred = hasStored || comingBack.size > 0 || deferring !== undefined;
  return isDeferred || queue.first()?.waitingSinceMs !== undefined;
}

/** Why a command waits whose device says that it is away. */
export const away: Wait = { reason: 'away' };

/** Returns why a command waits that has another one before it. @param behind the request id of that one; undefined for one with a lower priority */
export function behindOthers(behind: string | undefined): Wait {
  return { reason: 'earlier commands of the device wait', behind };
}

/** Returns why a new command waits for a device with waiting commands. */
export function waitBehindOthers(device: Device, pending: PendingCommand): Wait {
  const first = firstWaiting(device);
  return behindOthers(first && goesBefore(first.turn, turnOf(pending)) ? first.requestId : undefined);
}

function firstWaiting({ channel, ledger, queue, comingBack }: Device): Waiting | undefined {
  const queued = queue.first();
  if (queued !== undefined) return waitingOf(queued);
  const stored = ledger.waiting.first(channel);
  if (stored !== undefined) return { requestId: stored.requestId, turn: stored, sent: undefined };
  return comingBack.values().next().value;
}

function waitingOf(pending: PendingCommand): Waiting {
  const sent = wasSent(pending) ? pending : undefined;
  return { requestId: pending.command.requestId, turn: turnOf(pending), sent };
}
