import type { KafkaOptions, SaslOptions } from '@preservarium/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTestTopic,
  type KafkaCluster,
  type KafkaCredentials,
  readTopic,
  startKafka,
  writeTopic,
} from '../src/index.js';

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;

describe('a SASL_SSL broker', () => {
  let kafka: KafkaCluster;
  let credentials: KafkaCredentials;
  let topic: string;
  const as = (sasl: SaslOptions): KafkaOptions => ({ ...kafka.settings, sasl });

  beforeAll(async () => {
    kafka = await startKafka({ security: 'sasl-ssl' });
    credentials = kafka.credentials ?? expect.fail('no credentials');
    topic = await createTestTopic(kafka.settings, { partitions: 1 });
    await writeTopic(kafka.settings, topic, [{ partition: 0, value: Buffer.from('secret') }]);
  });
  afterAll(() => kafka.stop());

  test.each(mechanisms)('lets the admin in by %s', async (mechanism) => {
    expect(await readTopic(as(credentials.admin[mechanism]), topic)).toHaveLength(1);
  });

  test.each(mechanisms)('knows the guest by %s and allows nothing', async (mechanism) => {
    const guest = as(credentials.guest[mechanism]);
    await expect(createTestTopic(guest, { partitions: 1 })).rejects.toThrow(/authoriz/i);
    await expect(writeTopic(guest, topic, [{ partition: 0, value: null }])).rejects.toThrow(/authoriz/i);
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'refuses a wrong password by %s',
    async (mechanism) => {
      const stranger = as({ mechanism, username: 'admin', password: 'wrong' });
      await expect(readTopic(stranger, topic)).rejects.toThrow(/authentication failed/i);
    },
  );

  test('has a certificate that only its own authority vouches for', async () => {
    await expect(readTopic({ ...kafka.settings, tls: true }, topic)).rejects.toThrow(/certificate/);
  });
});
