import { createCapabilities, deviceTypesFromTopic } from '@preservarium/capabilities';
import type { WrittenRecord } from '@preservarium/conformance';
import { createTestTopic, writeTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const partitions = 3;
const timeoutMs = 60_000;

const typed = (deviceId: string, value: string | null): WrittenRecord => ({
  // One partition for each device, as any producer with a key would have it.
  partition: Number(deviceId.split('-')[1]) % partitions,
  key: deviceId,
  value: value === null ? null : Buffer.from(value),
});

test.each(Object.entries(backends))(
  '%s: the types of devices come from a topic, and follow it',
  async (_, createBackend) => {
    const topic = await createTestTopic(kafka, { partitions, config: { 'cleanup.policy': 'compact' } });
    const commandTopic = await createTestTopic(kafka, { partitions });
    const devices = Array.from({ length: 3_000 }, (_, number) =>
      typed(`device-${number}`, '{"type":"lamp"}'),
    );
    await writeTopic(kafka, topic, [...devices, typed('device-1', null), typed('device-2', '"pump"')]);

    const backend = createBackend(kafka);
    await using directory = await deviceTypesFromTopic({ backend, topic, timeoutMs });
    const capabilities = createCapabilities({
      types: ['lamp', 'pump'].map((name) => ({
        name,
        commands: { [`start_${name}`]: { mayBeRepeated: true } },
        settings: {},
      })),
      typeOf: directory.typeOf,
    });
    const service = createPusherService({ backend, commandTopic, capabilities });
    const push = (deviceId: string, commandType: string) =>
      service.pushCommand({ deviceId, commandType, protocol: 'mqtt' }, { timeoutMs });

    await push('device-2999', 'start_lamp');
    await push('device-2', 'start_pump');
    await expect(push('device-1', 'start_lamp')).rejects.toMatchObject({ code: 'CAPABILITY_MISMATCH' });

    await writeTopic(kafka, topic, [typed('device-1', '"pump"'), typed('device-2999', null)]);
    await expect
      .poll(() => [directory.typeOf('device-1'), directory.typeOf('device-2999')], { timeout: timeoutMs })
      .toEqual(['pump', undefined]);
    await push('device-1', 'start_pump');
    await directory.close();
    await service.close();
  },
);

test.each(Object.entries(backends))(
  '%s: no directory where the topic does not exist',
  async (_, createBackend) => {
    const backend = createBackend(kafka);
    await expect(deviceTypesFromTopic({ backend, topic: 'no-such-types' })).rejects.toMatchObject({
      code: 'TOPIC_UNKNOWN',
    });
    await backend.close({ timeoutMs });
  },
);
