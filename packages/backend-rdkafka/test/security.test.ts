import { createTestTopic, startKafka } from '@preservarium/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { createRdkafkaBackend } from '../src/index.js';

const kafka = await startKafka({ security: 'sasl-ssl', isolated: true });
afterAll(() => kafka.stop());
const { admin, guest } = kafka.credentials ?? expect.unreachable('a secured cluster has credentials');
const timeoutMs = 20_000;

async function connectWith(settings: object): Promise<string> {
  const backend = createRdkafkaBackend({ ...kafka.settings, ...settings });
  try {
    await backend.connect({ timeoutMs });
    return 'connected';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
}

describe('who may log in', () => {
  test.each(Object.values(admin))('$mechanism', async (sasl) => {
    expect(await connectWith({ sasl })).toBe('connected');
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'a wrong password with %s',
    async (mechanism) => {
      expect(await connectWith({ sasl: { mechanism, username: 'admin', password: 'wrong' } })).toBe(
        'AUTHENTICATION_FAILED',
      );
    },
  );

  test('a broker whose certificate is not trusted', async () => {
    expect(await connectWith({ tls: true })).toBe('AUTHENTICATION_FAILED');
  });
});

test('what is not allowed gives AUTHORIZATION_FAILED, to publish and to subscribe', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 1 });
  const backend = createRdkafkaBackend({ ...kafka.settings, sasl: guest.plain });
  try {
    const [outcome] = await backend.publish([{ topic, key: 'device-1', value: Buffer.from('on') }], {
      timeoutMs,
    });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'AUTHORIZATION_FAILED' } });
    const subscribing = backend.subscribe({
      topics: [topic],
      groupId: 'g',
      from: 'end',
      onRecords: async () => {},
    });
    await expect(subscribing).rejects.toMatchObject({ code: 'AUTHORIZATION_FAILED' });
  } finally {
    await backend.close({ timeoutMs: 5_000 });
  }
});
