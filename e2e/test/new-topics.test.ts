import { startKafka } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { afterAll, expect, test } from 'vitest';
import { backends } from '../src/backends.js';

const topics = 15;
const kafka = await startKafka({ isolated: true, brokers: 3 });
afterAll(() => kafka.stop());

test.each(Object.entries(backends))(
  '%s: a topic of three brokers can be pushed to as soon as it is created',
  async (name, createBackend) => {
    const backend = createBackend(kafka.settings);
    await using _service = createPusherService({ backend });
    for (let number = 0; number < topics; number++) {
      const topic = `new-${name}-${number}`;
      await backend.createTopic({ topic, partitions: 6, replicationFactor: 3 });
      const [outcome] = await backend.publish([{ topic, key: 'd1', value: Buffer.from('{}') }], {
        timeoutMs: 30_000,
      });
      expect(outcome).toMatchObject({ ok: true });
    }
  },
);
