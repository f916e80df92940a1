import type { ConnectorOptions } from '@preservarium/connector';
import type { Variables } from '@preservarium/environment';
import { createSettings, type SettingsOptions } from '@preservarium/settings';
import type { ProcessOptions } from './read-options.js';

type PartsOfSettings = Pick<
  ConnectorOptions,
  'backend' | 'logger' | 'signatures' | 'stateDir' | 'topicConfigs'
>;

/** Reads the settings of devices, for the connector to bring them there; unless the variables say that it is not to. */
export async function openSettings(
  options: ProcessOptions<Variables>,
  parts: PartsOfSettings,
): Promise<Pick<ConnectorOptions, 'settings'>> {
  const { format, connector } = options;
  const { CONNECTOR_START_TIMEOUT_MS: timeoutMs } = connector;
  if (connector.CONNECTOR_SETTINGS === 'off' || format !== undefined) return {};
  await parts.backend.connect({ timeoutMs });
  return { settings: await createSettings(toSettingsOptions(options, parts)) };
}

/** Returns the options of `createSettings`: the parts, with the values of the variables. */
export function toSettingsOptions(
  { kafka, connector }: Pick<ProcessOptions<Variables>, 'kafka' | 'connector'>,
  { backend, logger, signatures, stateDir, topicConfigs }: PartsOfSettings,
): SettingsOptions {
  return {
    backend,
    settingsTopic: kafka.settingsTopic,
    reportedTopic: kafka.reportedSettingsTopic,
    commandTopic: kafka.commandTopic,
    sign: signatures?.sign,
    signatures,
    timeoutMs: connector.CONNECTOR_START_TIMEOUT_MS,
    stateDir,
    // The other half is for commands: settings alone never stop them.
    limits: { maxStoreBytes: Math.ceil(connector.CONNECTOR_MAX_STORE_BYTES / 2) },
    topicConfigs,
    ...(logger && { logger }),
  };
}
