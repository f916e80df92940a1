import { silentLogger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { assertConnectorNumbers } from './assert-connector-numbers.js';
import type { ConnectorOptions } from './connector-options.js';
import { defaultMaxWaitMs } from './scheduling/retry-policy.js';

/** Older commands are not replayed to devices; what was pushed shortly before the first connector is delivered. */
const lastHour = { lastMs: 3_600_000 };

const settingsOfFormat =
  'settings cannot be combined with format: they are brought to devices by commands in the default form; run another connector for them, with a command topic of its own';

export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/**
 * Returns the options with their defaults. `topics.events` is undefined where no events are written.
 *
 * @throws ConfigurationError that names the first number that cannot work, or the options that exclude each other
 */
export function resolveOptions(options: ConnectorOptions) {
  assertConnectorNumbers(options);
  if (options.format !== undefined && options.settings !== undefined)
    throw new ConfigurationError(settingsOfFormat);
  const { topics = {}, limits = {}, retry = {}, deliverer } = options;
  const { events = 'device_command_events' } = topics;
  return {
    groupId: options.groupId ?? `pusher_connector_${deliverer.protocol}`,
    from: options.from ?? lastHour,
    topics: {
      commands: topics.commands ?? 'device_commands',
      waiting: topics.waiting ?? 'device_commands_waiting',
      deadLetters: topics.deadLetters ?? 'device_commands_dead',
      events: events === false ? undefined : events,
      ends: options.format?.endTopic,
    },
    limits: {
      maxInFlight: limits.maxInFlight ?? 10_000,
      maxInFlightBytes: limits.maxInFlightBytes ?? 64 * 1024 * 1024,
      maxConcurrentDeliveries: limits.maxConcurrentDeliveries ?? 1_000,
      maxRememberedIds: limits.maxRememberedIds ?? 100_000,
      maxWaiting: limits.maxWaiting ?? 100_000,
      maxStoreBytes: limits.maxStoreBytes ?? 8 * 1024 ** 3,
      wakeRate: limits.wakeRate ?? 1_000,
    },
    maxWaitMs: retry.maxWaitMs ?? defaultMaxWaitMs,
    maxDowntimeMs: options.maxDowntimeMs ?? 30 * 24 * 3_600_000,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? Date.now,
  };
}
