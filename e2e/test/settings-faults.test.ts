import { randomUUID } from 'node:crypto';
import { createRequestId, PusherError } from '@preservarium/core';
import { startKafka } from '@preservarium/dev-services';
import { createSettings, type Settings } from '@preservarium/settings';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { backends } from '../src/backends.js';

const kafka = await startKafka({ isolated: true });
afterAll(() => kafka.stop());

const rounds = 100;

test.each(Object.entries(backends))(
  '%s: no change is lost when the broker is killed in mid-race and started again',
  async (_, createBackend) => {
    const name = `test-${randomUUID()}`;
    const topics = { settingsTopic: `${name}-settings`, reportedTopic: `${name}-reported` };

    async function open(): Promise<Settings> {
      const backend = createBackend(kafka.settings);
      onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
      const settings = await createSettings({ backend, ...topics });
      onTestFinished(() => settings.close());
      return settings;
    }

    let pushed = 0;
    const halfway = Promise.withResolvers<void>();
    async function push(settings: Settings, key: string): Promise<void> {
      for (let count = 1; count <= rounds; count++) {
        const requestId = createRequestId();
        for (;;) {
          try {
            await settings.pushSettings('d1', { [key]: count }, { requestId, timeoutMs: 10_000 });
            break;
          } catch (error) {
            if (!PusherError.isInstance(error) || !error.retryable) throw error;
          }
        }
        pushed += 1;
        if (pushed === 2 * rounds) halfway.resolve();
      }
    }

    const counts = { counted: 0, refused: 0, unknown: 0 };
    async function count(settings: Settings): Promise<void> {
      for (let tried = 0; tried < rounds; tried++) {
        const { desiredVersion: ifVersion = -1, desired = {} } = settings.getSettings('d2') ?? {};
        const patch = { count: Number(desired.count ?? 0) + 1 };
        try {
          await settings.pushSettings('d2', patch, { ifVersion, timeoutMs: 10_000 });
          counts.counted += 1;
        } catch (error) {
          if (!PusherError.isInstance(error)) throw error;
          if (error.code === 'SETTINGS_CONFLICT') counts.refused += 1;
          else if (error.retryable) counts.unknown += 1;
          else throw error;
        }
      }
    }

    const clients = await Promise.all([open(), open()]);
    const keys = ['a', 'b', 'c', 'd'];
    const racing = Promise.all([
      ...keys.map((key, index) => push(clients[index % 2] as Settings, key)),
      ...clients.map(count),
    ]);
    await halfway.promise;
    await kafka.kill();
    await kafka.start();
    await racing;

    const late = await open();
    expect(late.getSettings('d1')?.desired).toEqual(Object.fromEntries(keys.map((key) => [key, rounds])));
    const counted = Number(late.getSettings('d2')?.desired.count);
    expect(counted).toBeGreaterThanOrEqual(counts.counted);
    expect(counted).toBeLessThanOrEqual(counts.counted + counts.unknown);
    for (const device of ['d1', 'd2']) {
      for (const client of clients) {
        await expect
          .poll(() => client.getSettings(device), { timeout: 60_000 })
          .toEqual(late.getSettings(device));
      }
    }
    console.info(JSON.stringify({ pushed, ...counts, found: counted }));
  },
);
