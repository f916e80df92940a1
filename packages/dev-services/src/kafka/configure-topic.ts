import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaOptions } from '@preservarium/backend';
import kafkajs from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

/** Sets the settings of a topic: those that are not named have the defaults of the brokers from then on. */
export async function configureTopic(
  settings: KafkaOptions,
  topic: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const admin = kafkajsClient(settings).admin();
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  try {
    await admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
    for (;;) {
      const described = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type, name: topic, configNames: Object.keys(config) }],
      });
      const entries = described.resources[0]?.configEntries ?? [];
      if (entries.every(({ configName, configValue }) => config[configName] === configValue)) return;
      await delay(50);
    }
  } finally {
    await admin.disconnect();
  }
}
