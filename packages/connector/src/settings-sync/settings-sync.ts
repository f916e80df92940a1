import type { Logger, PublisherBackend } from '@preservarium/backend';
import { startSlice } from '@preservarium/concurrency';
import { type CommandMessage, isJsonObject, type JsonObject, ValidationError } from '@preservarium/core';
import type { ConnectorPort, Deliverer, DeviceReport, ReportOutcome } from '@preservarium/deliverer';
import { isSettingsCommand } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import type { SignatureOptions } from '../intake/signature-check.js';
import type { Ledgers } from '../ledger/ledgers.js';
import type { Conclusion } from '../outcome/conclusion.js';
import type { Outcomes } from '../outcome/outcomes.js';
import type { Reports } from '../outcome/reports.js';
import type { DeviceScheduler } from '../scheduling/device-scheduler.js';
import { settingsCommand, settingsRequestId } from './settings-command.js';
import { createSettingsOutbox } from './settings-outbox.js';
import { createSettingsReports } from './settings-reports.js';
import type { SettingsStore, SyncedSettings } from './settings-store.js';

/** Commands for one version of the desired settings: a device that never applies them does not receive them without limit. */
const maxCommandsOfVersion = 5;

export interface SettingsSyncOptions {
  readonly store: SettingsStore;
  readonly deliverer: Pick<Deliverer, 'protocol' | 'clearSettings'>;
  readonly backend: PublisherBackend;
  readonly commandTopic: string;
  readonly signatures: SignatureOptions | undefined;
  readonly scheduler: Pick<DeviceScheduler, 'cancel' | 'reachable'>;
  readonly outcomes: Pick<Outcomes, 'onConcluded'> & Pick<Reports, 'report'>;
  readonly ledgers: Pick<Ledgers, 'serves' | 'onOwned'>;
  readonly maxRememberedIds: number;
  readonly clock: () => number;
  readonly logger: Logger;
}

/** Brings desired settings to devices: the difference of a device becomes a command on the command topic. */
export interface SettingsSync {
  /** Receives what devices say, from the deliverer. */
  readonly port: ConnectorPort;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** The last command that was made for a device. */
interface LastCommand extends Pick<SyncedSettings, 'desiredVersion' | 'reportedVersion'> {
  readonly requestId: string;
  /** Number of commands for this version of the desired settings. */
  readonly count: number;
  /** `lost`: the command did not reach the device; another one is made when the device is reachable. */
  readonly state: 'open' | 'ended' | 'lost';
}

export function createSettingsSync(options: SettingsSyncOptions): SettingsSync {
  const { store, deliverer, backend, commandTopic, signatures, scheduler, outcomes, ledgers, clock, logger } =
    options;
  if (signatures !== undefined && signatures.mode !== 'report' && store.signatureMode !== 'enforce') {
    logger.warn(
      {},
      'commands need signatures and desired settings do not: a writer of those settings commands devices; give createSettings `signatures` as well',
    );
  }
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const lastCommands = new QuickLRU<string, LastCommand>({ maxSize: options.maxRememberedIds });
  const keepReported = createSettingsReports({ store, logger, stopped });
  const outbox = createSettingsOutbox({
    backend,
    commandTopic,
    sign: signatures?.sign,
    logger,
    stopped,
    next,
    onNotWritten,
  });
  const endListening = store.onChange(consider);
  outcomes.onConcluded(({ command }, conclusion) => ended(command, conclusion));
  ledgers.onOwned(() => void considerAll());

  // ---- what is desired

  /** In slices: the store may have many devices, and read each of them from a file. */
  async function considerAll(): Promise<void> {
    const slice = startSlice();
    try {
      for (const current of store.outOfSync()) {
        if (stopped.aborted) return;
        consider(current);
        if (slice.isOver()) await slice.next();
      }
    } catch (error) {
      // The store has ended; its `closed` says why.
      if (!stopped.aborted) logger.warn({ err: error }, 'devices that are out of sync cannot be read');
    }
  }

  /** Returns whether a new command for the device is about to be written. */
  function consider(current: SyncedSettings): boolean {
    const { deviceId, protocol, difference } = current;
    if (protocol !== deliverer.protocol || !ledgers.serves(deviceId)) return false;
    const last = lastCommands.get(deviceId);
    if (isEmpty(difference)) {
      if (last !== undefined) settle(deviceId, last);
      return false;
    }
    if (isFor(current, last)) return false;
    outbox.add(deviceId);
    return true;
  }

  /** Returns the command with the current difference of the device; undefined if there is nothing to send. */
  function next(deviceId: string): CommandMessage | undefined {
    const current = store.getSettings(deviceId);
    const last = lastCommands.get(deviceId);
    if (
      current === undefined ||
      isEmpty(current.difference) ||
      isFor(current, last) ||
      !ledgers.serves(deviceId)
    ) {
      return undefined;
    }
    const { desiredVersion, reportedVersion } = current;
    const count = last !== undefined && last.desiredVersion === desiredVersion ? last.count + 1 : 1;
    const requestId = settingsRequestId(current);
    const isTooMany = count > maxCommandsOfVersion;
    const state = isTooMany ? 'ended' : 'open';
    lastCommands.set(deviceId, { desiredVersion, reportedVersion, requestId, count, state });
    if (!isTooMany) return toCommand(current);
    if (count === maxCommandsOfVersion + 1) {
      logger.warn(
        { deviceId, desiredVersion },
        'settings command limit reached: the device does not report the desired settings',
      );
    }
    return undefined;
  }

  function toCommand(current: SyncedSettings): CommandMessage | undefined {
    try {
      return settingsCommand(current, new Date(clock()));
    } catch (error) {
      if (!ValidationError.isInstance(error)) throw error;
      const { deviceId, desiredVersion } = current;
      logger.error({ err: error, deviceId, desiredVersion }, 'settings cannot be sent as a command');
      return undefined;
    }
  }

  function onNotWritten({ deviceId, requestId }: CommandMessage): void {
    const last = lastCommands.get(deviceId);
    if (last?.requestId !== requestId) return;
    lastCommands.set(deviceId, { ...last, count: last.count - 1, state: 'lost' });
  }

  /** The device is in sync: cancels a command that is still in flight. */
  function settle(deviceId: string, { state, requestId }: LastCommand): void {
    lastCommands.delete(deviceId);
    if (state === 'open') scheduler.cancel({ deviceId, requestId });
    void deliverer.clearSettings?.(deviceId);
  }

  function ended(command: CommandMessage, { state, evidence, result }: Conclusion): void {
    if (!isSettingsCommand(command)) return;
    const { deviceId, requestId } = command;
    const last = lastCommands.get(deviceId);
    if (last?.requestId === requestId) {
      lastCommands.set(deviceId, { ...last, state: state === 'dead' ? 'lost' : 'ended' });
    }
    if (state === 'delivered' && evidence === 'device' && isJsonObject(result)) {
      void keepReported(deviceId, result);
    }
  }

  // ---- what devices say

  function reachable(deviceId: string): boolean {
    const isWaitedFor = scheduler.reachable(deviceId);
    const current = store.getSettings(deviceId);
    return (current !== undefined && consider(current)) || isWaitedFor;
  }

  async function report(said: DeviceReport): Promise<void> {
    await outcomes.report(said);
    const { deviceId, state, result } = said;
    const hasDone = state === 'delivered' || state === 'succeeded';
    if (hasDone && isJsonObject(result) && isAboutSettings(said)) await keepReported(deviceId, result);
  }

  function isAboutSettings({ deviceId, requestId }: DeviceReport): boolean {
    const current = store.getSettings(deviceId);
    if (current === undefined) return false;
    return lastCommands.get(deviceId)?.requestId === requestId || settingsRequestId(current) === requestId;
  }

  async function reported(deviceId: string, patch: JsonObject): Promise<ReportOutcome> {
    reachable(deviceId);
    return keepReported(deviceId, patch);
  }

  return {
    port: { reachable, report, reported },
    async close(deadline) {
      endListening();
      stopping.abort();
      await store.close(deadline);
    },
  };
}

function isFor(current: SyncedSettings, last: LastCommand | undefined): boolean {
  return (
    last !== undefined &&
    last.state !== 'lost' &&
    last.desiredVersion === current.desiredVersion &&
    last.reportedVersion === current.reportedVersion
  );
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}
