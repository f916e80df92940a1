import type { ConnectorSettings } from '@preservarium/connector';
import type { Variables } from '@preservarium/publisher/environment';
import { createSettings } from '@preservarium/settings';
import type { ProcessSettings } from './read-settings.js';

/** Reads the settings of devices, for the connector to bring them there; unless the variables say that it is not to. */
export async function openSettings(
  { kafka, connector }: ProcessSettings<Variables>,
  { backend, logger }: Pick<ConnectorSettings, 'backend' | 'logger'>,
): Promise<Pick<ConnectorSettings, 'settings'>> {
  const { CONNECTOR_START_TIMEOUT_MS: timeoutMs } = connector;
  if (connector.CONNECTOR_SETTINGS === 'off') return {};
  await backend.connect({ timeoutMs });
  const settings = await createSettings({
    backend,
    settingsTopic: kafka.settingsTopic,
    reportedTopic: kafka.reportedSettingsTopic,
    commandTopic: kafka.commandTopic,
    timeoutMs,
    ...(logger && { logger }),
  });
  return { settings };
}
