import type { RateLimitedLog } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import {
  AbortedError,
  applyMergePatch,
  cutText,
  isSameJson,
  type JsonObject,
  MessageTooLargeError,
  PublishTimedOutError,
  PusherError,
  parseSettings,
} from '@preservarium/core';
import type { Devices } from './devices.js';
import { checkDocumentBytes } from './document-size.js';
import { type AcceptedSettings, noVersion } from './is-accepted.js';
import type { ReportedSettings } from './settings.js';
import type { SettingsWriter } from './settings-writer.js';
import { addReport, joinReports, type WaitingReports } from './waiting-reports.js';
import type { WriteBudget } from './write-budget.js';

const retryMs = 1_000;
/** More would let one device occupy what its connector has for all devices. */
const maxCallers = 16;
/** Approximate size of a record beside its document. */
const recordOverheadBytes = 256;

type Report = Readonly<Record<string, unknown>>;

interface ReportOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Stores what devices report, of each device one record at a time. */
export interface Reporter {
  /** See `Settings.reportSettings`. */
  report(deviceId: string, patch: Report, options: ReportOptions): Promise<ReportedSettings>;
  readonly refused: number;
  readonly deferred: number;
  /** Fails what waits. */
  end(error: unknown): void;
}

export interface ReporterOptions {
  readonly devices: Devices;
  readonly writer: Pick<SettingsWriter, 'write'>;
  readonly budget: WriteBudget;
  readonly warnings: RateLimitedLog;
  readonly maxDocumentBytes: number;
  /** Deadline of one try to write, in milliseconds. */
  readonly writeTimeoutMs: number;
  readonly clock: () => number;
  knowsDevice(deviceId: string): boolean;
}

/** The reports of one device; the entry is removed when there are none. */
interface Turn {
  writing?: WaitingReports | undefined;
  waiting?: WaitingReports | undefined;
  timer?: NodeJS.Timeout | undefined;
  /** Why the last try failed, if it did. */
  error?: PusherError | undefined;
}

/**
 * Each record holds the whole document, so a small report can cause a large write. Therefore a device without desired settings and of no
 * known type is refused, documents are bounded, and a device that has used up its budget waits: its later reports are merged into
 * the one that waits, so that only values in between are lost.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const { devices, writer, budget, warnings, maxDocumentBytes, clock } = options;
  const turns = new Map<string, Turn>();
  let [refused, deferred] = [0, 0];
  let ended: { readonly error: unknown } | undefined;

  // ---- refusals

  function refuse(deviceId: string, reason: string): ReportedSettings {
    refused += 1;
    warnings.warn('a report of settings was refused', { deviceId, reason });
    return { kind: 'refused', reason };
  }

  function refusalOf(deviceId: string): string | undefined {
    if (devices.accepted('desired', deviceId) === undefined && !isKnown(deviceId)) {
      return 'the device has no desired settings and is not of a known type';
    }
    if (devices.hasRoom('reported', deviceId)) return undefined;
    return `limit of settings reached (${devices.limit()}): raise it, or delete the settings of devices that do not exist`;
  }

  function isKnown(deviceId: string): boolean {
    try {
      return options.knowsDevice(deviceId);
    } catch (error) {
      warnings.warn('knowsDevice failed: the device counts as unknown', { deviceId, err: error });
      return false;
    }
  }

  // ---- waiting

  async function report(deviceId: string, patch: Report, wait: ReportOptions): Promise<ReportedSettings> {
    if (wait.signal?.aborted) throw new AbortedError(doing(deviceId));
    const refusal = refusalOf(deviceId);
    if (refusal !== undefined) return refuse(deviceId, refusal);
    const newest = parseSettings({ deviceId, settings: patch, timestamp: clock() });
    const turn = turns.get(deviceId) ?? {};
    const now = asReported(devices.accepted('reported', deviceId));
    const before = (turn.waiting ?? turn.writing)?.document ?? now.reported;
    const document = applyMergePatch(before, newest.settings);
    if (!turns.has(deviceId) && isSameJson(document, before)) return { kind: 'kept', ...now };
    try {
      checkDocumentBytes(document, before, maxDocumentBytes);
    } catch (error) {
      return refuse(deviceId, tooLarge(error));
    }
    const waiting = addReport(turn.waiting, newest, { document, maxBytes: maxDocumentBytes });
    if (waiting === undefined) return later(deviceId);
    turn.waiting = waiting;
    turns.set(deviceId, turn);
    if (waiting.callers >= maxCallers) return later(deviceId);
    turn.waiting = { ...waiting, callers: waiting.callers + 1 };
    advance(deviceId, turn);
    const { timeoutMs, signal } = wait;
    return withDeadline(waiting.done.promise, {
      doing: doing(deviceId),
      timeoutMs,
      signal,
      timedOut: () => turn.error ?? new PublishTimedOutError(timeoutMs, { mayBeWritten: true }),
    });
  }

  function later(deviceId: string): ReportedSettings {
    deferred += 1;
    const afterMs = Math.max(retryMs, budget.waitMs(deviceId));
    warnings.warn('a device reports settings faster than limits.reportedBytesPerSecond', { deviceId });
    return { kind: 'later', afterMs };
  }

  // ---- writing

  function advance(deviceId: string, turn: Turn): void {
    if (ended !== undefined || turn.writing !== undefined || turn.timer !== undefined) return;
    if (turn.waiting === undefined) {
      turns.delete(deviceId);
      return;
    }
    const waitMs = Math.max(budget.waitMs(deviceId), turn.error === undefined ? 0 : retryMs);
    if (waitMs === 0) void write(deviceId, turn, turn.waiting);
    else {
      turn.timer = setTimeout(() => {
        turn.timer = undefined;
        turn.error = undefined;
        advance(deviceId, turn);
      }, waitMs).unref();
    }
  }

  async function write(deviceId: string, turn: Turn, writing: WaitingReports): Promise<void> {
    Object.assign(turn, { writing, waiting: undefined });
    try {
      const accepted = await writer.write(
        deviceId,
        (before) => recordOf(deviceId, writing, before?.settings.settings),
        { timeoutMs: options.writeTimeoutMs },
      );
      writing.done.resolve({ kind: 'kept', ...asReported(accepted) });
    } catch (error) {
      if (MessageTooLargeError.isInstance(error)) writing.done.resolve(refuse(deviceId, tooLarge(error)));
      else if (ended !== undefined || !PusherError.isInstance(error) || !error.retryable) {
        writing.done.reject(error);
      } else {
        turn.error = error;
        turn.waiting = joinReports(writing, turn.waiting);
      }
    }
    turn.writing = undefined;
    advance(deviceId, turn);
  }

  function recordOf(deviceId: string, { patches, newest }: WaitingReports, before: JsonObject = {}) {
    const settings = patches.reduce(applyMergePatch, before);
    if (isSameJson(settings, before)) return undefined;
    const bytes = checkDocumentBytes(settings, before, maxDocumentBytes);
    budget.spend(deviceId, bytes + recordOverheadBytes);
    return { ...newest, settings };
  }

  return {
    report,
    get refused() {
      return refused;
    },
    get deferred() {
      return deferred;
    },
    end(error) {
      ended = { error };
      for (const { timer, writing, waiting } of turns.values()) {
        clearTimeout(timer);
        writing?.done.reject(error);
        waiting?.done.reject(error);
      }
      turns.clear();
    },
  };
}

function asReported(accepted: AcceptedSettings | undefined) {
  return { version: accepted?.version ?? noVersion, reported: accepted?.settings.settings ?? {} };
}

function doing(deviceId: string): string {
  return `write the reported settings of ${cutText(deviceId, 64)}`;
}

function tooLarge(error: unknown): string {
  return `the document is too large: ${error instanceof Error ? error.message : String(error)}; remove keys with null`;
}
