import type { Lifecycle } from '@preservarium/core';
import type { SettingsOfDevice } from '@preservarium/settings';
import type { GatewayParts } from '../gateway-parts.js';
import type { DeviceBody } from '../schemas/device.js';

/** Commands that are read of a device, the newest ones. */
const recentCommands = 20;
const lastOutcomes = 5;

/** Returns what is known of a device; undefined if nothing is. */
export async function describeDevice(
  { store, settings, directory }: Pick<GatewayParts, 'store' | 'settings' | 'directory'>,
  deviceId: string,
  isVisible: (command: Lifecycle) => boolean,
): Promise<DeviceBody | undefined> {
  const type = directory(deviceId) ?? null;
  const settingsOfDevice = settings.getSettings(deviceId);
  const [commands, { lifecycles }] = await Promise.all([
    store.countByState({ deviceId }),
    store.list({ deviceId, limit: recentCommands }),
  ]);
  if (type === null && settingsOfDevice === undefined && lifecycles.length === 0) return undefined;
  return {
    device_id: deviceId,
    type,
    presence: presenceOf(lifecycles, settingsOfDevice),
    waiting: (commands.published ?? 0) + (commands.waiting ?? 0),
    commands,
    last_outcomes: lifecycles
      .filter((command) => command.isFinal && isVisible(command))
      .slice(0, lastOutcomes)
      .map(outcomeOf),
    settings: settingsOfDevice === undefined ? null : summaryOf(settingsOfDevice),
  };
}

function presenceOf(
  commands: readonly Lifecycle[],
  settings: SettingsOfDevice | undefined,
): DeviceBody['presence'] {
  const answeredAtMs = commands
    .flatMap(({ events }) => events)
    .filter(({ evidence }) => evidence === 'device' || evidence === 'executed')
    .reduce((newest, { timestamp }) => Math.max(newest, timestamp.getTime()), 0);
  const reportedAtMs = settings?.reportedAt?.getTime() ?? 0;
  const seenAtMs = Math.max(answeredAtMs, reportedAtMs);
  if (seenAtMs === 0) return null;
  return {
    seen_at: new Date(seenAtMs).toISOString(),
    by: answeredAtMs >= reportedAtMs ? 'answer' : 'settings',
  };
}

function outcomeOf(command: Lifecycle): DeviceBody['last_outcomes'][number] {
  const { requestId, commandType, state, evidence, timestamp, reason } = command;
  return {
    request_id: requestId,
    command_type: commandType,
    state,
    evidence,
    timestamp: timestamp.toISOString(),
    reason,
  };
}

function summaryOf({
  desiredVersion,
  reportedVersion,
  difference,
}: SettingsOfDevice): DeviceBody['settings'] {
  return {
    desired_version: desiredVersion ?? null,
    reported_version: reportedVersion ?? null,
    in_sync: Object.keys(difference).length === 0,
  };
}
