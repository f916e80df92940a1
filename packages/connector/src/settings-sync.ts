import type { Logger, PublisherBackend } from '@preservarium/backend';
import { type CommandMessage, isJsonObject, type JsonObject, ValidationError } from '@preservarium/core';
import type { ConnectorPort, Deliverer, DeviceReport, ReportOutcome } from '@preservarium/deliverer';
import { isSettingsCommand } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import type { Devices } from './devices.js';
import type { Ending, Lifecycle } from './lifecycle.js';
import { settingsCommand, settingsRequestId } from './settings-command.js';
import { createSettingsOutbox } from './settings-outbox.js';
import { createSettingsReports } from './settings-reports.js';
import type { SettingsStore, SyncedSettings } from './settings-store.js';

/** Commands for one version of the desired settings: a device that never applies them is not sent them for ever. */
const maxCommandsOfVersion = 5;

export interface SettingsSyncOptions {
  readonly store: SettingsStore;
  readonly deliverer: Pick<Deliverer, 'protocol' | 'clearSettings'>;
  readonly backend: PublisherBackend;
  readonly commandTopic: string;
  readonly devices: Pick<Devices, 'cancel' | 'reachable'>;
  readonly lifecycle: Pick<Lifecycle, 'report'>;
  readonly maxRememberedIds: number;
  readonly clock: () => number;
  readonly logger: Logger;
  /** Returns whether this connector delivers the commands of the device now. */
  isOurs(deviceId: string): boolean;
}

/** Brings desired settings to devices: the difference of a device becomes a command on the command topic. */
export interface SettingsSync {
  /** Receives what devices say, from the deliverer. */
  readonly port: ConnectorPort;
  /** To be called when this connector has been assigned partitions: it considers all devices with a difference. */
  begin(): void;
  /** To be called when a command has reached a final state here. */
  ended(command: CommandMessage, ending: Ending): void;
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

export function createSettingsSync(settings: SettingsSyncOptions): SettingsSync {
  const { store, deliverer, backend, commandTopic, devices, lifecycle, clock, logger, isOurs } = settings;
  const stopping = new AbortController();
  const stopped = stopping.signal;
  const lastCommands = new QuickLRU<string, LastCommand>({ maxSize: settings.maxRememberedIds });
  const keepReported = createSettingsReports({ store, logger, stopped });
  const outbox = createSettingsOutbox({ backend, commandTopic, logger, stopped, next, onNotWritten });
  const endListening = store.onChange(consider);

  // ---- what is desired

  /** Returns whether a new command for the device is about to be written. */
  function consider(current: SyncedSettings): boolean {
    const { deviceId, protocol, difference } = current;
    if (protocol !== deliverer.protocol || !isOurs(deviceId)) return false;
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
    if (current === undefined || isEmpty(current.difference) || isFor(current, last) || !isOurs(deviceId)) {
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
    if (state === 'open') devices.cancel({ deviceId, requestId });
    void deliverer.clearSettings?.(deviceId);
  }

  function ended(command: CommandMessage, { state, evidence, result }: Ending): void {
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
    const isWaitedFor = devices.reachable(deviceId);
    const current = store.getSettings(deviceId);
    return (current !== undefined && consider(current)) || isWaitedFor;
  }

  async function report(said: DeviceReport): Promise<void> {
    await lifecycle.report(said);
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
    begin() {
      for (const current of store.outOfSync()) consider(current);
    },
    ended,
    async close(options) {
      endListening();
      stopping.abort();
      await store.close(options);
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
