import { withDeadline } from '@preservarium/concurrency';
import { createSettings, type Settings } from '@preservarium/settings';
import type { Command } from 'commander';
import { type CommonOptions, readOptions } from '../common-options.js';
import { readTopicPolicy } from '../read-topic-policy.js';
import { readSigner, type SigningOptions } from '../signer.js';
import { withBackend } from '../with-backend.js';
import { addTrustOptions, readTrust, type TrustOptions } from './trust.js';

/** Options of every `settings` command. */
export interface SettingsCommandOptions extends CommonOptions, SigningOptions, TrustOptions {
  readonly output: 'text' | 'json';
}

/** Adds the options that name the topics of settings, and the keys that may sign them. */
export function addSettingsTopicOptions(command: Command): Command {
  return addTrustOptions(command)
    .option(
      '--settings-topic <topic>',
      'topic of desired settings (DEVICE_SETTINGS_TOPIC; default: device_settings)',
    )
    .option(
      '--reported-topic <topic>',
      'topic of reported settings (DEVICE_REPORTED_SETTINGS_TOPIC; default: device_settings_reported)',
    );
}

/** Reads the settings of all devices, and closes the reader after use. */
export function withSettings(
  options: Omit<SettingsCommandOptions, 'output'>,
  signal: AbortSignal,
  use: (settings: Settings) => Promise<void>,
): Promise<void> {
  const kafka = readOptions(options);
  const { commandTopic, settingsTopic, reportedSettingsTopic: reportedTopic, logger } = kafka;
  const { timeout: timeoutMs } = options;
  return withBackend(kafka, async (backend) => {
    const reading = createSettings({
      backend,
      commandTopic,
      settingsTopic,
      reportedTopic,
      timeoutMs,
      topicPolicy: readTopicPolicy(options),
      sign: readSigner(options),
      signatures: readTrust(options),
      // Reports by hand name their device on purpose.
      knowsDevice: () => true,
      ...(logger && { logger }),
    });
    await using settings = await withDeadline(reading, { doing: 'read the settings', timeoutMs, signal });
    await use(settings);
  });
}
