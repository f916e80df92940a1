import assert from 'node:assert/strict';
import type { Backend, KafkaOptions } from '@preservarium/backend';
import type { ConformanceTest } from '@preservarium/conformance';
import { longerTimeout, within } from '@preservarium/conformance';
import { allowWriting } from './allow-writing.js';
import { createTestTopic } from './create-test-topic.js';
import type { KafkaCluster } from './kafka-cluster.js';

const timeoutMs = 20_000;

export interface SecuritySuite {
  readonly test: ConformanceTest;
  /** Started with the security `sasl-ssl`. */
  readonly cluster: KafkaCluster;
  createBackend(settings: KafkaOptions): Backend;
}

/** Defines a test for each way to log in, and for each way to be refused. Assertions are those of `node:assert`. */
export function securityConformance({ test: anyTest, cluster, createBackend }: SecuritySuite): void {
  const test = longerTimeout(anyTest, 60_000);
  const { settings, credentials } = cluster;
  assert.ok(credentials, 'the cluster was started with the security sasl-ssl');
  const { admin, guest } = credentials;

  async function withBackend(change: Partial<KafkaOptions>, run: (backend: Backend) => Promise<void>) {
    const backend = createBackend({ ...settings, ...change });
    try {
      await run(backend);
    } finally {
      await backend.close({ timeoutMs: 5_000 });
    }
  }

  for (const sasl of Object.values(admin)) {
    test(`security: ${sasl.mechanism} with the right credentials connects`, () =>
      withBackend({ sasl }, (backend) => backend.connect({ timeoutMs })));
  }

  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    test(`security: ${mechanism} with a wrong password gives AUTHENTICATION_FAILED`, () =>
      withBackend({ sasl: { mechanism, username: 'admin', password: 'wrong' } }, (backend) =>
        assert.rejects(backend.connect({ timeoutMs }), { code: 'AUTHENTICATION_FAILED' }),
      ));
  }

  test('security: a broker whose certificate is not trusted gives AUTHENTICATION_FAILED', () =>
    withBackend({ tls: true }, (backend) =>
      assert.rejects(backend.connect({ timeoutMs }), { code: 'AUTHENTICATION_FAILED' }),
    ));

  test('security: what is not allowed gives AUTHORIZATION_FAILED, to publish and to subscribe', async () => {
    const topic = await createTestTopic(settings, { partitions: 1 });
    await withBackend({ sasl: guest.plain }, async (backend) => {
      const record = { topic, key: 'device-1', value: Buffer.from('on') };
      const [outcome] = await backend.publish([record], { timeoutMs });
      assert.equal(outcome?.ok === false && outcome.error.code, 'AUTHORIZATION_FAILED');
      const subscribing = backend.subscribe({
        topics: [topic],
        groupId: 'not-allowed',
        from: 'end',
        onRecords: async () => {},
      });
      await assert.rejects(within(subscribing, timeoutMs, 'the refusal'), { code: 'AUTHORIZATION_FAILED' });
    });
  });

  test('security: a record for a topic that is not allowed fails alone, beside others and again and again', async () => {
    const allowed = await createTestTopic(settings, { partitions: 2 });
    const denied = await createTestTopic(settings, { partitions: 1 });
    await allowWriting(settings, { topic: allowed, username: 'guest' });
    await withBackend({ sasl: guest.plain }, async (backend) => {
      for (let round = 0; round < 5; round++) {
        const topics = [allowed, denied, allowed, allowed];
        const calls = topics.map((topic, index) =>
          backend.publish([{ topic, key: `device-${index}`, value: Buffer.from('on') }], { timeoutMs }),
        );
        const codes = (await Promise.all(calls)).map(([outcome]) => outcome?.ok || outcome?.error.code);
        assert.deepEqual(codes, [true, 'AUTHORIZATION_FAILED', true, true]);
      }
    });
  });
}
