import { deviceIdOfChannel } from '../channel.js';
import type { Turn, WaitingCommand } from '../ledger/waiting-store.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import { createAlarm } from './alarm.js';
import type { Device } from './device.js';
import { goesBefore, turnOf } from './device-queue.js';
import type { WakeRate } from './wake-rate.js';

/** Commands of a device that are in memory at a time. */
const windowSize = 64;
/** Devices that are loaded, and overdue commands that are ended, in one turn of the event loop. */
const maxInTurn = 100;
/** How long to wait for the attempt of an overdue command, or for the lease of its partition, before looking again. */
const heldMs = 100;

export interface WaitingDevicesOptions {
  /** Devices whose waiting commands are in memory at the same time. */
  readonly maxAwake: number;
  readonly rate: WakeRate;
  /** Returns true if the device says that it is away: it is due when it says something else, or with the next owner of the partition. */
  isAway(deviceId: string): boolean;
  readonly clock: () => number;
  onFailed(error: unknown): void;
  /** Those whose commands may be delivered. */
  ledgers(): Iterable<CommandLedger>;
  deviceOf(ledger: CommandLedger, channel: string): Device;
  serve(device: Device): void;
  /** Decides on a command that is loaded; returns it where it is to be delivered. */
  admit(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined;
  /** Returns a command that waits on, to be delivered; undefined where it is not to be. */
  read(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined;
  /** Ends a command at its deadline; returns false while an attempt is in flight. */
  endOverdue(ledger: CommandLedger, command: WaitingCommand): boolean;
}

/** Moves commands between the store and the queues of devices: a device is in memory while it is served, and in the store while it is waited for. */
export interface WaitingDevices {
  /** Begins with a partition that is owned now. */
  start(ledger: CommandLedger): void;
  /** No partition is left. */
  stop(): void;
  /** Something may be due: a command waits, or a device was set to be due. */
  look(deadlineMs?: number): void;
  /**
   * Has the store call a device that is not in memory; returns false where nothing waits for it.
   *
   * @param attemptAtMs in milliseconds of `performance.now`; 0 for as soon as the rate allows
   */
  setDue(ledger: CommandLedger, deviceId: string, attemptAtMs: number): boolean;
  /** A command of a device in memory waits from now on. */
  add(device: Device, command: WaitingCommand): void;
  /** Brings the next window of commands into the queue. */
  load(device: Device): void;
  /** Takes waiting commands out of the queue. */
  unload(device: Device): void;
  /** The device is not served any more: its next attempt is the store's affair. */
  sleep(device: Device): void;
}

export function createWaitingDevices(options: WaitingDevicesOptions): WaitingDevices {
  const { clock, rate, onFailed } = options;
  const due = createAlarm({ clock: now, ring: wakeDue, onFailed });
  const deadlines = createAlarm({ clock, ring: endOverdue, onFailed });
  let awake = 0;

  function start({ waiting }: CommandLedger): void {
    waiting.callUndue();
    due.ring();
    deadlines.at(nextDeadlineMs() ?? Number.POSITIVE_INFINITY);
  }

  function stop(): void {
    due.stop();
    deadlines.stop();
  }

  function look(deadlineMs = Number.POSITIVE_INFINITY): void {
    due.at(0);
    deadlines.at(deadlineMs);
  }

  // ---- devices that are due

  /** Over all partitions, the device that is due first comes first. */
  function wakeDue(): number | undefined {
    const nowMs = now();
    const dueAt = new Map<CommandLedger, number>();
    for (const ledger of options.ledgers()) noteDue(dueAt, ledger);
    for (let count = 0; count < maxInTurn; count++) {
      // A device that goes to sleep makes room, and has this called again.
      if (awake >= options.maxAwake) return undefined;
      const [ledger, dueMs] = earliestOf(dueAt) ?? [];
      if (ledger === undefined || dueMs === undefined || dueMs > nowMs) return dueMs;
      const leftMs = rate.leftMs(nowMs);
      if (leftMs > 0) return nowMs + leftMs;
      const [channel] = ledger.waiting.takeDue(nowMs, 1);
      if (channel !== undefined) take(ledger, channel, nowMs);
      noteDue(dueAt, ledger);
    }
    return 0;
  }

  function take(ledger: CommandLedger, channel: string, nowMs: number): void {
    if (options.isAway(deviceIdOfChannel(channel))) {
      ledger.waiting.setDue(channel, Number.POSITIVE_INFINITY);
      return;
    }
    rate.take(nowMs);
    wake(options.deviceOf(ledger, channel));
  }

  function noteDue(dueAt: Map<CommandLedger, number>, ledger: CommandLedger): void {
    const dueMs = ledger.waiting.nextDueMs();
    if (dueMs === undefined) dueAt.delete(ledger);
    else dueAt.set(ledger, dueMs);
  }

  function wake(device: Device): void {
    if (!device.isAwake) awake++;
    device.isAwake = true;
    device.hasStored = true;
    options.serve(device);
  }

  function sleep(device: Device): void {
    const { channel, ledger, nextAttemptAtMs } = device;
    if (device.isAwake) {
      // There is room again.
      if (awake === options.maxAwake) due.at(0);
      awake--;
    }
    device.isAwake = false;
    device.loadedUpTo = undefined;
    if (ledger.isGone) return;
    device.hasStored = ledger.waiting.has(channel);
    if (!device.hasStored) return;
    setDue(ledger, channel, nextAttemptAtMs);
  }

  function setDue({ waiting }: CommandLedger, channel: string, attemptAtMs: number): boolean {
    const dueMs = attemptAtMs === 0 ? 0 : performance.timeOrigin + attemptAtMs;
    const isWaiting = attemptAtMs === 0 ? waiting.setDueNow(channel) : waiting.setDue(channel, dueMs);
    if (isWaiting) due.at(dueMs);
    return isWaiting;
  }

  // ---- commands of a device in memory

  /** Most devices that get a command sleep: it is decoded when it is loaded. */
  function add(device: Device, command: WaitingCommand): void {
    const { queue, loadedUpTo, ledger } = device;
    const turn = turnOfStored(command);
    const isWithin = loadedUpTo !== undefined && goesBefore(turn, loadedUpTo);
    if (!device.isAwake || (!isWithin && (device.hasStored || queue.size() >= windowSize))) {
      device.hasStored = true;
      return;
    }
    const pending = options.read(ledger, command);
    if (pending === undefined) return;
    queue.add(pending);
    if (!isWithin) device.loadedUpTo = turn;
    if (queue.size() > 2 * windowSize) shorten(device);
    options.serve(device);
  }

  function shorten(device: Device): void {
    const { queue } = device;
    for (const pending of queue.all().slice(windowSize)) {
      if (pending !== device.delivering) unloadOne(device, pending);
    }
    device.loadedUpTo = turnOf(queue.all()[windowSize - 1] as PendingCommand);
    device.hasStored = true;
  }

  function load(device: Device): void {
    const { channel, ledger, queue } = device;
    const window = ledger.waiting.next(channel, device.loadedUpTo, windowSize);
    const last = window.at(-1);
    device.hasStored = window.length === windowSize;
    if (last !== undefined) device.loadedUpTo = turnOfStored(last);
    for (const command of window) {
      if (queue.get(command.requestId)?.record.offset === command.record.offset) continue;
      const pending = options.admit(ledger, command);
      if (pending !== undefined) queue.add(pending);
    }
  }

  function unload(device: Device): void {
    for (const pending of device.queue.all()) {
      if (pending.waitingSinceMs !== undefined) unloadOne(device, pending);
    }
  }

  function unloadOne({ queue, ledger }: Device, pending: PendingCommand): void {
    queue.remove(pending);
    if (pending.attempts.started === pending.knownAttempts || ledger.isGone) return;
    ledger.waiting.keepAttempts(pending.record.offset, pending.attempts);
  }

  // ---- deadlines

  function endOverdue(): number | undefined {
    let isMore = false;
    let isHeld = false;
    for (const ledger of options.ledgers()) {
      // Another connector may have delivered them.
      if (!ledger.isLeased()) {
        isHeld = true;
        continue;
      }
      const found = ledger.waiting.overdue(clock(), maxInTurn);
      const ended = found.filter((command) => options.endOverdue(ledger, command));
      isMore ||= ended.length > 0;
      isHeld ||= ended.length < found.length;
    }
    if (isMore) return 0;
    if (isHeld) return clock() + heldMs;
    return nextDeadlineMs();
  }

  function nextDeadlineMs(): number | undefined {
    return earliest((ledger) => ledger.waiting.nextDeadlineMs());
  }

  function earliest(atOf: (ledger: CommandLedger) => number | undefined): number | undefined {
    let first: number | undefined;
    for (const ledger of options.ledgers()) {
      const at = atOf(ledger);
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  return { start, stop, look, setDue, add, load, unload, sleep };
}

function turnOfStored({ priority, record }: WaitingCommand): Turn {
  return { priority, offset: record.offset };
}

function earliestOf(dueAt: ReadonlyMap<CommandLedger, number>): [CommandLedger, number] | undefined {
  let first: [CommandLedger, number] | undefined;
  for (const one of dueAt) if (first === undefined || one[1] < first[1]) first = one;
  return first;
}

/** Milliseconds since 1970, on a clock that is not set while the process runs. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
