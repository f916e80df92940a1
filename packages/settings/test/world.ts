import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublishRecord } from '@preservarium/backend';
import { createMemoryBackend, createMemoryBroker, type MemoryBroker } from '@preservarium/backend-memory';
import { type DeviceSettingsInput, decodeSettings, encodeSettings, parseSettings } from '@preservarium/core';
import { createPusherService } from '@preservarium/publisher';
import { onTestFinished } from 'vitest';
import { createSettings, type Settings, type SettingsOptions } from '../src/index.js';

export const desiredTopic = 'device_settings';
export const reportedTopic = 'device_settings_reported';

/** Where processes keep the settings. */
export const places = ['memory', 'a file'] as const;

/** Returns a directory that is removed at the end of the test. */
export function createStateDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A Kafka in memory, and processes that read the settings in it. */
export function createWorld(place: (typeof places)[number] = 'memory') {
  const broker = createMemoryBroker();
  const backend = createMemoryBackend({ broker });

  async function open(options: Partial<SettingsOptions> = {}): Promise<Settings> {
    const settings = await createSettings({
      backend: createMemoryBackend({ broker }),
      knowsDevice: (deviceId) => !deviceId.startsWith('made up'),
      ...(place === 'a file' && { stateDir: createStateDir() }),
      ...options,
    });
    onTestFinished(() => settings.close());
    return settings;
  }

  const writeValue = (key: string, value: Buffer, topic = desiredTopic) => publish({ topic, key, value });

  async function publish(record: PublishRecord): Promise<void> {
    const [outcome] = await backend.publish([record], { timeoutMs: 5_000 });
    if (outcome?.ok === false) throw outcome.error;
  }

  return {
    broker,
    backend,
    open,
    publish,
    writeValue,
    /** Writes a record as another process would, whatever the state of the device. */
    write: (settings: DeviceSettingsInput) =>
      writeValue(settings.deviceId, encodeSettings(parseSettings(settings))),
    /** As `write`, to the other topic. */
    writeReported: (deviceId: string, settings: DeviceSettingsInput['settings']) =>
      writeValue(deviceId, encodeSettings(parseSettings({ deviceId, settings })), reportedTopic),
    /** Appends a record past the limits of a publisher. */
    append(key: Buffer | null, value: Buffer | null, topic = desiredTopic) {
      broker.topic(topic)?.append(0, { key, value });
    },
    /** Deletes the desired settings of the device. */
    async writeTombstone(deviceId: string) {
      const topic = broker.topic(desiredTopic);
      const partition = topic?.records.find(({ key }) => key?.toString() === deviceId)?.partition ?? 0;
      topic?.append(partition, { key: Buffer.from(deviceId), value: null });
    },
    /** An application that replaces settings as a whole. */
    service: createPusherService({ backend }),
    read: (topic = desiredTopic) => readSettings(broker, topic),
  };
}

/** Returns the documents in the topic, as a program without this package reads them. */
export function readSettings(broker: MemoryBroker, topic: string) {
  return broker.records(topic).map(({ value }) => {
    const decoded = decodeSettings(value);
    return decoded.ok ? decoded.settings : undefined;
  });
}
