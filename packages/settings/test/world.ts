import { createMemoryBackend, createMemoryBroker } from '@preservarium/publisher/memory';
import { onTestFinished } from 'vitest';
import { createSettings, type Settings, type SettingsOptions } from '../src/index.js';

export const topics = { desired: 'device_settings', reported: 'device_settings_reported' } as const;

/** A Kafka in memory, and processes that each follow the settings in it. */
export function createWorld() {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });

  async function open(options: Partial<SettingsOptions> = {}): Promise<Settings> {
    const settings = await createSettings({ backend: createMemoryBackend({ broker }), ...options });
    onTestFinished(() => settings.close());
    return settings;
  }

  return { broker, backend, open };
}
