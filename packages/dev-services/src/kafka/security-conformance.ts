import assert from 'node:assert/strict';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Backend, KafkaOptions } from '@preservarium/backend';
import type { ConformanceTest } from '@preservarium/conformance';
import { longerTimeout, within } from '@preservarium/conformance';
import { makeClientCertificate } from './certificates.js';
import { changePassword } from './change-password.js';
import { createTestTopic } from './create-test-topic.js';
import { passwords, unsecuredToken } from './credentials.js';
import { grantAccess } from './grant-access.js';
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
  const test = longerTimeout(anyTest, 240_000);
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

  test('security: oauthbearer asks once for a token of 30 days, whatever connects', async () => {
    let asked = 0;
    const token = async () => {
      asked++;
      return unsecuredToken('admin', 30 * 24 * 3600);
    };
    const topic = await createTestTopic(settings, { partitions: 1 });
    await withBackend({ sasl: { mechanism: 'oauthbearer', token } }, async (backend) => {
      const record = { topic, key: 'device-1', value: Buffer.from('on') };
      assert.deepEqual(
        (await backend.publish([record], { timeoutMs })).map(({ ok }) => ok),
        [true],
      );
      await backend.listTopics();
      const subscription = await backend.subscribe({
        topics: [topic],
        groupId: `${topic}-readers`,
        from: 'end',
        onRecords: async () => {},
      });
      await subscription.close({ timeoutMs: 5_000 });
      assert.equal(asked, 1);
    });
  });

  test('security: oauthbearer renews its token in time, also where the token function fails now and then', async () => {
    let asked = 0;
    const token = async () => {
      asked++;
      if (asked % 2 === 0) throw new Error('the identity provider is away');
      return unsecuredToken('admin', 20);
    };
    const topic = await createTestTopic(settings, { partitions: 1 });
    await withBackend({ sasl: { mechanism: 'oauthbearer', token } }, async (backend) => {
      while (asked < 4) {
        const record = { topic, key: 'device-1', value: Buffer.from('on') };
        const [outcome] = await backend.publish([record], { timeoutMs });
        assert.ok(outcome?.ok, `push beside request ${asked} for a token`);
        await pauseFor(50);
      }
    });
  });

  test('security: a token function that fails at first gives its error at once', () =>
    withBackend(
      { sasl: { mechanism: 'oauthbearer', token: () => Promise.reject(new Error('no identity')) } },
      (backend) =>
        assert.rejects(backend.connect({ timeoutMs }), {
          code: 'AUTHENTICATION_FAILED',
          message: /no identity/,
        }),
    ));

  test('security: a broker whose certificate is not trusted gives AUTHENTICATION_FAILED, which says so', () =>
    withBackend({ tls: true }, (backend) =>
      assert.rejects(backend.connect({ timeoutMs }), {
        code: 'AUTHENTICATION_FAILED',
        message: /unable to verify the first certificate|unable to get local issuer certificate/,
      }),
    ));

  test('security: a broker with the certificate of another host gives AUTHENTICATION_FAILED, which says so', () =>
    withBackend(
      { brokers: settings.brokers.map((broker) => broker.replace('127.0.0.1', '127.0.0.2')) },
      (backend) =>
        assert.rejects(backend.connect({ timeoutMs }), {
          code: 'AUTHENTICATION_FAILED',
          message: /127\.0\.0\.2 is not in the cert's list/,
        }),
    ));

  test('security: certificates and passwords are read again for each connection', async () => {
    const { tls } = settings;
    const topic = await createTestTopic(settings, { partitions: 1 });
    let isRenewed = false;
    let password = passwords.admin as string;
    const change = {
      tls: () => (isRenewed && typeof tls === 'object' ? tls : { ca: rootCertificates[0] ?? '' }),
      sasl: { mechanism: 'scram-sha-256' as const, username: 'admin', password: () => password },
      deliveryTimeoutMs: 5_000,
    };
    await withBackend(change, async (backend) => {
      const push = async () => {
        const record = { topic, key: 'device-1', value: Buffer.from('on') };
        const [outcome] = await backend.publish([record], { timeoutMs: 5_000 });
        return outcome?.ok;
      };
      const pushUntil = async (isGood: boolean) => {
        while ((await push()) !== isGood) await pauseFor(100);
      };
      await pushUntil(false);
      isRenewed = true;
      await pushUntil(true);
      const received = Promise.withResolvers<void>();
      const subscription = await backend.subscribe({
        topics: [topic],
        groupId: `${topic}-readers`,
        from: 'end',
        async onRecords() {
          if (password === 'renewed') received.resolve();
        },
      });
      await changePassword(cluster, { username: 'admin', password: 'renewed' });
      // Connections begin anew.
      await cluster.kill();
      await cluster.start();
      await pushUntil(false);
      password = 'renewed';
      await pushUntil(true);
      // A consumer of librdkafka joins with a new client, behind the session of the old one.
      await within(received.promise, 6 * timeoutMs, 'a record for the subscription');
      await subscription.close({ timeoutMs: 5_000 });
      await changePassword(cluster, { username: 'admin', password: passwords.admin });
    });
  });

  test('security: a certificate of our own that has expired is said with its date', async () => {
    const expired = await makeClientCertificate({ validUntil: new Date('2026-01-02T03:04:05Z') });
    assert.throws(() => createBackend({ ...settings, tls: expired }), {
      code: 'AUTHENTICATION_FAILED',
      message: /tls\.cert expired on 2026-01-02T03:04:05\.000Z/,
    });
  });

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

  test('security: a group that is not allowed gives AUTHORIZATION_FAILED, which names it', async () => {
    const topic = await createTestTopic(settings, { partitions: 1 });
    await grantAccess(settings, [{ username: 'guest', kind: 'topic', name: topic, operations: ['Read'] }]);
    await withBackend({ sasl: guest.plain }, async (backend) => {
      const subscribing = backend.subscribe({
        topics: [topic],
        groupId: 'forbidden-group',
        from: 'end',
        onRecords: async () => {},
      });
      await assert.rejects(within(subscribing, timeoutMs, 'the refusal'), {
        code: 'AUTHORIZATION_FAILED',
        message: /forbidden-group/,
      });
      const group = 'forbidden-group';
      const read = () => within(backend.offsets({ topic, groupId: group }), timeoutMs, 'the offsets');
      await assert.rejects(read(), { code: 'AUTHORIZATION_FAILED', message: /forbidden-group/ });
      await grantAccess(settings, [{ username: 'guest', kind: 'group', name: group, operations: ['Read'] }]);
      // Brokers learn of a rule a moment later.
      const giveUpAtMs = performance.now() + timeoutMs;
      for (let isAllowed = false; !isAllowed; ) {
        isAllowed = await read().then(
          () => true,
          ({ code }) => {
            assert.equal(code, 'AUTHORIZATION_FAILED');
            return false;
          },
        );
        assert.ok(isAllowed || performance.now() < giveUpAtMs, 'the group is refused after it was allowed');
        if (!isAllowed) await pauseFor(500);
      }
    });
  });

  test('security: a record for a topic that is not allowed fails alone, beside others and again and again', async () => {
    const allowed = await createTestTopic(settings, { partitions: 2 });
    const denied = await createTestTopic(settings, { partitions: 1 });
    await grantAccess(settings, [{ username: 'guest', kind: 'topic', name: allowed, operations: ['Write'] }]);
    await withBackend({ sasl: guest.plain }, async (backend) => {
      for (let round = 0; round < 5; round++) {
        const topics = [allowed, denied, allowed, allowed];
        const calls = topics.map((topic, index) =>
          backend.publish([{ topic, key: `device-${index}`, value: Buffer.from('on') }], { timeoutMs }),
        );
        const outcomes = (await Promise.all(calls)).map(([outcome]) => outcome);
        const codes = outcomes.map((outcome) => outcome?.ok || outcome?.error.code);
        assert.deepEqual(codes, [true, 'AUTHORIZATION_FAILED', true, true]);
        const [refused] = outcomes.flatMap((outcome) =>
          outcome?.ok === false ? [outcome.error.message] : [],
        );
        assert.ok(refused?.includes(`"${denied}"`), refused);
      }
    });
  });
}
