import { randomUUID } from 'node:crypto';
import { guardLogger, silentLogger } from '@preservarium/backend';
import { assertCounts, assertDurations, ConfigurationError } from '@preservarium/core';
import type { SettingsOptions } from './settings.js';

export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/**
 * Returns the options with their defaults.
 *
 * @throws ConfigurationError that names the first number that cannot work, or the topic that is named twice
 */
export function resolveOptions(options: SettingsOptions) {
  const { limits = {}, timeoutMs = 30_000, clock = Date.now } = options;
  const { settingsTopic = 'device_settings', reportedTopic = 'device_settings_reported' } = options;
  const { commandTopic = 'device_commands', groupId = `pusher_settings_${randomUUID()}` } = options;
  const {
    maxDevices = 1_000_000,
    maxStoreBytes = 4_294_967_296,
    maxDocumentBytes = 16_384,
    reportedBytesPerSecond = maxDocumentBytes / 4,
  } = limits;
  assertCounts({
    'limits.maxDevices': maxDevices,
    'limits.maxStoreBytes': maxStoreBytes,
    'limits.maxDocumentBytes': maxDocumentBytes,
    'limits.reportedBytesPerSecond': limits.reportedBytesPerSecond,
  });
  assertDurations({ timeoutMs });
  if (settingsTopic === reportedTopic) {
    throw new ConfigurationError(
      `settingsTopic and reportedTopic are both "${settingsTopic}"; give each a topic of its own`,
    );
  }
  return {
    settingsTopic,
    reportedTopic,
    commandTopic,
    groupId,
    maxDevices,
    maxStoreBytes,
    maxDocumentBytes,
    reportedBytesPerSecond,
    timeoutMs,
    clock,
    logger: guardLogger(options.logger ?? silentLogger),
  };
}
