import { type ConsumedRecord, type Partitioner, partitionForKey } from '@preservarium/backend';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';
import { writeWithJava } from '../src/write-with-java.js';

const partitions = 7;
// Half of the murmur2 hashes are negative, so every mistake with their sign shows.
const deviceIds = [
  ...Array.from({ length: 200 }, (_, number) => `device-${number}`),
  ...['é', 'capteur-été', 'датчик-7', '温度計-3', 'sensor-🌡️', '282c02424eed', 'a b\\c"d', '0'],
];

const commandsOfDevice = 3;
const commands = Array.from({ length: commandsOfDevice }, (_, round) =>
  deviceIds.map((deviceId) => ({
    requestId: `request-${round}-${deviceId}`,
    timestamp: new Date('2025-07-26T01:03:35.123Z'),
    deviceId,
    commandType: 'set_led',
    payload: { state: 'on', color: 'blue', note: 'été 🌡️', level: round },
    protocol: 'mqtt' as const,
    topic: `devices/${deviceId}/commands`,
  })),
).flat();

test('both backends write the same bytes to the same partitions, those of a device in the same order', async () => {
  const fromKafkajs = recordsByKey(await pushAll(backends.kafkajs));
  expect([...fromKafkajs.values()].map((records) => records.length)).toEqual(
    deviceIds.map(() => commandsOfDevice),
  );
  expect(recordsByKey(await pushAll(backends.rdkafka))).toEqual(fromKafkajs);
});

test("a device's partition is the one that Java's client picks", async () => {
  const topic = await createTestTopic(sharedKafka(), { partitions });
  await writeWithJava(sharedKafka(), topic, deviceIds);
  const fromJava = partitionsByKey(await readTopic(sharedKafka(), topic));
  expect(fromJava.size).toBe(deviceIds.length);
  expect(partitionsByKey(await pushAll(backends.kafkajs))).toEqual(fromJava);
  expect(partitionsByKey(await pushAll(backends.rdkafka))).toEqual(fromJava);
});

test('with crc32, both backends pick the partition of librdkafka', async () => {
  const expected = new Map(deviceIds.map((id) => [id, partitionForKey(id, partitions, 'crc32')]));
  expect(partitionsByKey(await pushAll(backends.kafkajs, 'crc32'))).toEqual(expected);
  expect(partitionsByKey(await pushAll(backends.rdkafka, 'crc32'))).toEqual(expected);
});

async function pushAll(
  create: CreateBackend,
  partitioner: Partitioner = 'murmur2',
): Promise<ConsumedRecord[]> {
  const settings = sharedKafka();
  const topic = await createTestTopic(settings, { partitions });
  await using service = createPusherService({
    backend: create({ ...settings, partitioner }),
    commandTopic: topic,
  });
  for await (const outcome of service.pushCommands(commands)) expect(outcome).toMatchObject({ ok: true });
  return readTopic(settings, topic);
}

/** Returns the records of each device; the backends may interleave those of different devices as they like. */
function recordsByKey(records: readonly ConsumedRecord[]) {
  return Map.groupBy(
    records.map(({ partition, key, value, headers }) => ({
      partition,
      key: String(key),
      value: value?.toString('hex'),
      headers,
    })),
    ({ key }) => key,
  );
}

function partitionsByKey(records: readonly ConsumedRecord[]): Map<string, number> {
  return new Map(records.map(({ key, partition }) => [String(key), partition]));
}
