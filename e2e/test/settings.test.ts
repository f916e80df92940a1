import { randomUUID } from 'node:crypto';
import { readTopic } from '@preservarium/dev-services';
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
        for (let count = 1; count <= 100; count++) await settings.pushSettings('d1', { [key]: count });
      }),
    );
    const expected = Object.fromEntries(writers.map(({ key }) => [key, 100]));
    const late = await open();
    expect(late.getSettings('d1')?.desired).toEqual(expected);
    for (const client of clients) {
      await expect
        .poll(() => client.getSettings('d1'), { timeout: timeoutMs })
        .toEqual(late.getSettings('d1'));
    }
  },
);

interface Counts {
  counted: number;
  refused: number;
}

/** Counts in the settings of a device, each time for the version that the client knows of. */
async function countByVersion(settings: Settings, tries: number, counts: Counts): Promise<void> {
  for (let tried = 0; tried < tries; tried++) {
    const { desiredVersion: ifVersion = -1, desired = {} } = settings.getSettings('d1') ?? {};
    try {
      await settings.pushSettings('d1', { count: Number(desired.count ?? 0) + 1 }, { ifVersion });
      counts.counted += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'SETTINGS_CONFLICT' });
      counts.refused += 1;
    }
  }
}

test.each(Object.entries(backends))(
  '%s: a counter that is changed by its version has every count that was not refused',
  async (_, createBackend) => {
    const { open } = createWorld(createBackend);
    const clients = await Promise.all([open(), open()]);
    const counts: Counts = { counted: 0, refused: 0 };
    await Promise.all([...clients, ...clients].map((client) => countByVersion(client, 100, counts)));
    const late = await open();
    expect(late.getSettings('d1')?.desired).toEqual({ count: counts.counted });
    expect(counts.counted + counts.refused).toBe(400);
    console.info(`${counts.counted} counted, ${counts.refused} refused`);
  },
);

test('while the brokers compact in mid-race, who comes late agrees with who has seen everything', async () => {
  const { topics, open } = createWorld(backends.kafkajs);
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '200',
    'min.cleanable.dirty.ratio': '0.01',
    'min.compaction.lag.ms': '2000',
  };
  const backend = backends.kafkajs(kafka);
  onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
  await backend.createTopic({ topic: topics.settingsTopic, partitions: 1, config });
  const clients = await Promise.all([open(), open()]);
  const counts: Counts = { counted: 0, refused: 0 };
  const group = { topic: topics.settingsTopic, groupId: topics.settingsTopic };
  let lateReaders = 0;
  for (let isCompacted = false; !isCompacted || lateReaders < 2; ) {
    await Promise.all(clients.map((client) => countByVersion(client, 50, counts)));
    const [partition] = await backend.offsets(group);
    const records = await readTopic(kafka, topics.settingsTopic);
    isCompacted = records.length < (partition?.endOffset ?? 0);
    if (!isCompacted) continue;
    const late = await open();
    lateReaders += 1;
    expect(late.getSettings('d1')?.desired).toEqual({ count: counts.counted });
    clients.push(late);
  }
  const last = await open();
  for (const client of clients) {
    await expect.poll(() => client.getSettings('d1'), { timeout: timeoutMs }).toEqual(last.getSettings('d1'));
  }
  console.info(`${counts.counted} counted, ${counts.refused} refused`);
});

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
