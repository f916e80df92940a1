import { randomUUID } from 'node:crypto';
import type { Backend } from '@preservarium/backend';
import { readTopic } from '@preservarium/dev-services';
import { createSettings, type Settings, type SettingsOptions } from '@preservarium/settings';
import { expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeoutMs = 120_000;
const limits = { maxDevices: 100 };

const document = (deviceId: string, settings: string) =>
  Buffer.from(`{"device_id":"${deviceId}","settings":${settings}}`);

/** Records that anyone with access to the topics can write. */
function hostileRecords(topic: string) {
  const absurdKey = 'k'.repeat(300_000);
  const madeUp = Array.from({ length: 1_000 }, (_, index) => `made up ${index}`);
  return [
    { topic, key: 'd1', value: document('d1', `{"a":[${Array(100_000).fill('1e999')}]}`) },
    { topic, key: 'd1', value: document('d1', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`) },
    { topic, key: absurdKey, value: document(absurdKey, '{}') },
    { topic, key: '', value: document('d1', '{}') },
    { topic, key: 'd\u0000', value: Buffer.alloc(0) },
    ...madeUp.map((deviceId) => ({ topic, key: deviceId, value: document(deviceId, '{"a":1}') })),
  ];
}

test.each(Object.entries(backends))(
  '%s: hostile records and reports end no reader, now and at the next start, and known devices go on',
  async (_, createBackend) => {
    const name = `test-${randomUUID()}`;
    const topics = { settingsTopic: `${name}-settings`, reportedTopic: `${name}-reported` };

    function openBackend(): Backend {
      const backend = createBackend(kafka);
      onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
      return backend;
    }

    async function open(options: Partial<SettingsOptions> = {}): Promise<Settings> {
      const backend = openBackend();
      const settings = await createSettings({
        backend,
        timeoutMs,
        limits,
        commandTopic: name,
        ...topics,
        ...options,
      });
      onTestFinished(() => settings.close());
      return settings;
    }

    const settings = await open();
    await settings.pushSettings('d1', { a: 1 });
    expect(await settings.reportSettings('made up', { a: 1 })).toMatchObject({ kind: 'refused' });
    const records = hostileRecords(topics.reportedTopic);
    const published = await openBackend().publish(records, { timeoutMs });
    expect(published.filter(({ ok }) => !ok)).toEqual([]);
    await expect.poll(() => settings.status().unreadableRecords, { timeout: timeoutMs }).toBe(5);

    for (const reader of [settings, await open()]) {
      await reader.pushSettings('d1', { b: 1 });
      expect(await reader.reportSettings('d1', { a: 1 })).toMatchObject({ kind: 'kept' });
      await reader.pushSettings('d2', { a: 1 });
      expect(reader.getSettings('d1')).toMatchObject({ desired: { a: 1, b: 1 }, reported: { a: 1 } });
      expect(reader.status().devices).toBeLessThanOrEqual(limits.maxDevices);
      expect(reader.status().devicesNotKept).toBeGreaterThan(0);
    }

    // A device that toggles a document of 16 KiB as fast as it can.
    await settings.reportSettings('d2', { filler: 'x'.repeat(16_000) });
    const toggles = Array.from({ length: 10_000 }, (_, index) =>
      settings.reportSettings('d2', { on: index % 2 === 0, index }, { timeoutMs: 60_000 }),
    );
    await Promise.all(toggles);
    await expect
      .poll(() => settings.getSettings('d2')?.reported, { timeout: timeoutMs })
      .toMatchObject({ on: false, index: 9_999 });
    const written = await readTopic(kafka, topics.reportedTopic);
    expect(written.filter(({ key }) => key?.toString() === 'd2').length).toBeLessThan(10);
  },
);
