import type { ConnectorOptions } from '@preservarium/connector';
import type { Variables } from '@preservarium/environment';
import { createSettings } from '@preservarium/settings';
import type { ProcessOptions } from './read-options.js';

/** Reads the settings of devices, for the connector to bring them there; unless the variables say that it is not to. */
export async function openSettings(
  { kafka, format, connector }: ProcessOptions<Variables>,
  {
    backend,
    logger,
    signatures,
    stateDir,
    topicConfigs,
  }: Pick<ConnectorOptions, 'backend' | 'logger' | 'signatures' | 'stateDir' | 'topicConfigs'>,
): Promise<Pick<ConnectorOptions, 'settings'>> {
  const { CONNECTOR_START_TIMEOUT_MS: timeoutMs } = connector;
  if (connector.CONNECTOR_SETTINGS === 'off' || format !== undefined) return {};
  await backend.connect({ timeoutMs });
  const settings = await createSettings({
    backend,
    settingsTopic: kafka.settingsTopic,
    reportedTopic: kafka.reportedSettingsTopic,
    commandTopic: kafka.commandTopic,
    sign: signatures?.sign,
    signatures,
    timeoutMs,
    stateDir,
    topicConfigs,
    ...(logger && { logger }),
  });
  return { settings };
}
