import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestTopic, kafkaHarness } from '@preservarium/dev-services';
import { createSettings, type Settings, type SettingsOptions } from '@preservarium/settings';
import { expect, onTestFinished, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeoutMs = 120_000;
const deviceIds = Array.from({ length: 20 }, (_, number) => `d${number}`);

/** Settings in topics of their own, with a file that passes from one reader to the next. */
async function createWorld(createBackend: CreateBackend) {
  const config = { 'cleanup.policy': 'compact', 'segment.ms': '200', 'min.cleanable.dirty.ratio': '0.01' };
  const create = () => createTestTopic(kafka, { partitions: 1, config });
  const topics = { settingsTopic: await create(), reportedTopic: await create() };
  const stateDir = mkdtempSync(join(tmpdir(), 'settings-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));

  async function open(options: Partial<SettingsOptions> = {}) {
    const backend = createBackend(kafka);
    onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
    let read = 0;
    const counting: SettingsOptions['backend'] = {
      ...backend,
      subscribe: (subscribing) =>
        backend.subscribe({
          ...subscribing,
          onRecords(records) {
            read += records.length;
            return subscribing.onRecords(records);
          },
        }),
    };
    const settings = await createSettings({ backend: counting, timeoutMs, ...topics, ...options });
    onTestFinished(() => settings.close());
    return { settings, read: () => read };
  }

  return { topics, open, openFile: () => open({ stateDir }) };
}

const versionsOf = (settings: Settings) =>
  [...settings.deviceIds()].sort().map((id) => [id, settings.getSettings(id)?.desiredVersion]);

test.each(Object.entries(backends))(
  '%s: a restart with a file reads what is new, and what a fresh reader reads is the same',
  async (_, createBackend) => {
    const { open, openFile } = await createWorld(createBackend);
    const first = await openFile();
    for (const id of deviceIds) await first.settings.pushSettings(id, { a: 1 });
    await first.settings.close();
    const { settings: other } = await open();
    for (const id of deviceIds.slice(0, 10)) await other.pushSettings(id, { b: 1 });
    const next = await openFile();
    const fresh = await open();
    expect(versionsOf(next.settings)).toEqual(versionsOf(fresh.settings));
    expect(next.read()).toBe(11);
    await next.settings.pushSettings('d0', { c: 1 });
    expect(next.settings.getSettings('d0')?.desired).toEqual({ a: 1, b: 1, c: 1 });
  },
);

test.each(Object.entries(backends))(
  '%s: a topic that is created anew while nobody looks, or under a running reader, takes the place of the file',
  async (_, createBackend) => {
    const { topics, open, openFile } = await createWorld(createBackend);
    const harness = kafkaHarness(createBackend, { settings: kafka });
    const first = await openFile();
    for (const id of deviceIds) await first.settings.pushSettings(id, { a: 1 });
    await first.settings.close();
    await harness.recreateTopic(topics.settingsTopic);
    const { settings: other } = await open();
    for (const id of [...deviceIds].reverse()) await other.pushSettings(id, { b: 1 });
    await other.close();
    const next = await openFile();
    for (const id of deviceIds) expect(next.settings.getSettings(id)?.desired).toEqual({ b: 1 });
    await harness.recreateTopic(topics.settingsTopic);
    const { settings: last } = await open();
    await last.pushSettings('d3', { c: 1 });
    await expect
      .poll(() => versionsOf(next.settings), { timeout: timeoutMs })
      .toEqual([['d3', last.getSettings('d3')?.desiredVersion]]);
  },
);
