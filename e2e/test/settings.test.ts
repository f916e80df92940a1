import { randomUUID } from 'node:crypto';
import { createPusherService } from '@preservarium/publisher';
import { createSettings, type Settings } from '@preservarium/settings';
import { expect, onTestFinished, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeoutMs = 120_000;

/** Settings in topics of their own, followed by as many clients as there are `open`ed. */
function createWorld(createBackend: CreateBackend) {
  const name = `test-${randomUUID()}`;
  const topics = { settingsTopic: `${name}-settings`, reportedTopic: `${name}-reported` };

  async function open(): Promise<Settings> {
    const backend = createBackend(kafka);
    onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
    const settings = await createSettings({ backend, timeoutMs, commandTopic: name, ...topics });
    onTestFinished(() => settings.close());
    return settings;
  }

  return { topics, open };
}

test.each(Object.entries(backends))(
  '%s: of 8 writers through two clients, each has all of its changes in the settings',
  async (_, createBackend) => {
    const { open } = createWorld(createBackend);
    const clients = await Promise.all([open(), open()]);
    const writers = Array.from({ length: 8 }, (_, index) => ({
      key: `writer ${index}`,
      settings: clients[index % 2] as Settings,
    }));
    await Promise.all(
      writers.map(async ({ key, settings }) => {
        for (let count = 1; count <= 25; count++) await settings.pushSettings('d1', { [key]: count });
      }),
    );
    const expected = Object.fromEntries(writers.map(({ key }) => [key, 25]));
    const late = await open();
    expect(late.getSettings('d1')?.desired).toEqual(expected);
    for (const client of clients) {
      await expect
        .poll(() => client.getSettings('d1'), { timeout: timeoutMs })
        .toEqual(late.getSettings('d1'));
    }
  },
);

test.each(Object.entries(backends))(
  '%s: a counter that is changed by its version has every count that was not refused',
  async (_, createBackend) => {
    const { open } = createWorld(createBackend);
    const clients = await Promise.all([open(), open()]);
    let counted = 0;
    let refused = 0;
    async function count(settings: Settings): Promise<void> {
      const { desiredVersion: ifVersion = -1, desired = {} } = settings.getSettings('d1') ?? {};
      try {
        await settings.pushSettings('d1', { count: Number(desired.count ?? 0) + 1 }, { ifVersion });
        counted += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'SETTINGS_CONFLICT' });
        refused += 1;
      }
    }
    await Promise.all(
      clients
        .flatMap((client) => [client, client])
        .map(async (client) => {
          for (let tries = 0; tries < 40; tries++) await count(client);
        }),
    );
    const late = await open();
    expect(late.getSettings('d1')?.desired).toEqual({ count: counted });
    expect(counted + refused).toBe(160);
    console.info(`${counted} counted, ${refused} refused`);
  },
);

test('both backends see the same settings, and change what the other has written', async () => {
  const world = createWorld(backends.kafkajs);
  const kafkajs = await world.open();
  const backend = backends.rdkafka(kafka);
  await using service = createPusherService({ backend, ...world.topics });
  await using rdkafka = await createSettings({ backend, timeoutMs, ...world.topics });
  await service.pushSettings('d1', { a: 1 });
  await Promise.all([kafkajs.pushSettings('d1', { b: 1 }), rdkafka.pushSettings('d1', { c: 1 })]);
  const { version } = await kafkajs.pushSettings('d1', { d: 1 });
  await rdkafka.reportSettings('d1', { a: 1 });
  const { desired } = await rdkafka.pushSettings('d1', { e: 1 }, { ifVersion: version });
  expect(desired).toEqual({ a: 1, b: 1, c: 1, d: 1, e: 1 });
});
