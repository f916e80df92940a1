import type { WaitingCommand } from '../ledger/waiting-store.js';
import type { CommandLedger, PendingCommand } from '../pending-command.js';
import { createAlarm } from './alarm.js';
import type { Device } from './device.js';
import { goesBefore, turnOf } from './device-queue.js';

/** Commands of a device that are in memory at a time. */
const windowSize = 64;
/** Devices that are loaded, and overdue commands that are ended, in one turn of the event loop. */
const maxInTurn = 100;
/** How long to wait for the attempt of an overdue command before looking again. */
const overdueAttemptMs = 100;

export interface WaitingDevicesOptions {
  /** Devices whose waiting commands are in memory at the same time. */
  readonly maxAwake: number;
  readonly clock: () => number;
  onFailed(error: unknown): void;
  /** Those whose commands may be delivered. */
  ledgers(): Iterable<CommandLedger>;
  deviceOf(ledger: CommandLedger, deviceId: string): Device;
  serve(device: Device): void;
  /** Decides on a command that is loaded; returns it where it is to be delivered. */
  admit(ledger: CommandLedger, command: WaitingCommand): PendingCommand | undefined;
  /** Ends a command at its deadline; returns false while an attempt is in flight. */
  endOverdue(ledger: CommandLedger, command: WaitingCommand): boolean;
}

/** Moves commands between the store and the queues of devices: a device is in memory while it is served, and in the store while it is waited for. */
export interface WaitingDevices {
  /** Begins with a partition that is owned now. */
  start(): void;
  /** No partition is left. */
  stop(): void;
  /** Something may be due: a command waits, or a device was set to be due. */
  look(deadlineMs?: number): void;
  /** A command of a device in memory waits from now on. */
  add(device: Device, pending: PendingCommand): void;
  /** Brings the next window of commands into the queue. */
  load(device: Device): void;
  /** Takes waiting commands out of the queue. */
  unload(device: Device): void;
  /** The device is not served any more: its next attempt is the store's affair. */
  sleep(device: Device): void;
}

export function createWaitingDevices(options: WaitingDevicesOptions): WaitingDevices {
  const { clock, onFailed } = options;
  const due = createAlarm({ clock: now, ring: wakeDue, onFailed });
  const deadlines = createAlarm({ clock, ring: endOverdue, onFailed });
  let awake = 0;

  function start(): void {
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

  function wakeDue(): number | undefined {
    let isMore = false;
    for (const ledger of options.ledgers()) {
      const limit = Math.min(maxInTurn, options.maxAwake - awake);
      // A device that goes to sleep makes room, and has this called again.
      if (limit <= 0) return undefined;
      const found = ledger.waiting.takeDue(now(), limit);
      for (const deviceId of found) wake(options.deviceOf(ledger, deviceId));
      isMore ||= found.length === limit;
    }
    return isMore ? 0 : earliest((ledger) => ledger.waiting.nextDueMs());
  }

  function wake(device: Device): void {
    if (!device.isAwake) awake++;
    device.isAwake = true;
    device.hasStored = true;
    options.serve(device);
  }

  function sleep(device: Device): void {
    const { id, ledger, nextAttemptAtMs } = device;
    if (device.isAwake) {
      // There is room again.
      if (awake === options.maxAwake) due.at(0);
      awake--;
    }
    device.isAwake = false;
    device.loadedUpTo = undefined;
    if (ledger.isGone) return;
    device.hasStored = ledger.waiting.has(id);
    if (!device.hasStored) return;
    const dueMs = nextAttemptAtMs === 0 ? 0 : performance.timeOrigin + nextAttemptAtMs;
    ledger.waiting.setDue(id, dueMs);
    due.at(dueMs);
  }

  // ---- commands of a device in memory

  function add(device: Device, pending: PendingCommand): void {
    const { queue, loadedUpTo } = device;
    const turn = turnOf(pending);
    const isWithin = loadedUpTo !== undefined && goesBefore(turn, loadedUpTo);
    if (!device.isAwake || (!isWithin && (device.hasStored || queue.size() >= windowSize))) {
      device.hasStored = true;
      return;
    }
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
    const { id, ledger, queue } = device;
    const window = ledger.waiting.next(id, device.loadedUpTo, windowSize);
    const last = window.at(-1);
    device.hasStored = window.length === windowSize;
    if (last !== undefined) device.loadedUpTo = { priority: last.priority, offset: last.record.offset };
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
    let isAttempted = false;
    for (const ledger of options.ledgers()) {
      const found = ledger.waiting.overdue(clock(), maxInTurn);
      const ended = found.filter((command) => options.endOverdue(ledger, command));
      isMore ||= ended.length > 0;
      isAttempted ||= ended.length < found.length;
    }
    if (isMore) return 0;
    if (isAttempted) return clock() + overdueAttemptMs;
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

  return { start, stop, look, add, load, unload, sleep };
}

/** Milliseconds since 1970, on a clock that is not set while the process runs. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
