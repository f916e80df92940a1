import type { JsonObject } from '@preservarium/core';
import type { ReportOutcome } from '@preservarium/deliverer';
import type { SettingsStore, SyncedSettings } from '../src/index.js';

export interface FakeSettingsStore extends SettingsStore {
  /** Replaces what is desired of the device. */
  desire(deviceId: string, desired: JsonObject): void;
  reported(deviceId: string): JsonObject;
  /** Errors of the next calls of `reportSettings`. */
  readonly failures: Error[];
  /** Outcomes of the next calls of `reportSettings`, which then keep nothing. */
  readonly outcomes: ReportOutcome[];
  fail(error: unknown): void;
  readonly isClosed: boolean;
}

interface Known {
  desired: JsonObject;
  desiredVersion: number;
  reported: JsonObject;
  reportedVersion?: number;
}

/** Settings with flat values, in memory, as several connectors would read them from Kafka. */
export function createFakeSettingsStore(protocol = 'mqtt'): FakeSettingsStore {
  const known = new Map<string, Known>();
  const listeners = new Set<(settings: SyncedSettings) => void>();
  const closed = Promise.withResolvers<void>();
  const failures: Error[] = [];
  const outcomes: ReportOutcome[] = [];
  let version = 0;
  let isClosed = false;

  function getSettings(deviceId: string): SyncedSettings | undefined {
    const of = known.get(deviceId);
    if (of === undefined) return undefined;
    const difference = Object.fromEntries(
      Object.entries(of.desired).filter(([name, value]) => of.reported[name] !== value),
    );
    return { deviceId, protocol, metadata: {}, difference, ...of };
  }

  function change(deviceId: string, changes: Partial<Known>): void {
    const before = known.get(deviceId) ?? { desired: {}, desiredVersion: 0, reported: {} };
    known.set(deviceId, { ...before, ...changes });
    const settings = getSettings(deviceId);
    if (settings !== undefined) for (const listener of listeners) listener(settings);
  }

  return {
    getSettings,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    *outOfSync() {
      for (const deviceId of known.keys()) {
        const settings = getSettings(deviceId);
        if (settings !== undefined && Object.keys(settings.difference).length > 0) yield settings;
      }
    },
    async reportSettings(deviceId, patch) {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      const outcome = outcomes.shift();
      if (outcome !== undefined) return outcome;
      const { reported = {} } = known.get(deviceId) ?? {};
      if (Object.entries(patch).every(([name, value]) => reported[name] === value)) return { kind: 'kept' };
      change(deviceId, { reported: { ...reported, ...patch }, reportedVersion: version++ });
      return { kind: 'kept' };
    },
    closed: closed.promise,
    async close() {
      isClosed = true;
      closed.resolve();
    },
    desire: (deviceId, desired) => change(deviceId, { desired, desiredVersion: version++ }),
    reported: (deviceId) => known.get(deviceId)?.reported ?? {},
    failures,
    outcomes,
    fail: closed.reject,
    get isClosed() {
      return isClosed;
    },
  };
}
