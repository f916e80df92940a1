import { randomUUID } from 'node:crypto';
import type { Backend, KafkaOptions } from '@preservarium/backend';
import type { CommandInput, PusherErrorCode } from '@preservarium/core';
import { createTestTopic, type KafkaCluster, startKafka } from '@preservarium/dev-services';
import { createPusherService, type PusherService, type PushOptions } from '@preservarium/publisher';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { codeOf } from '../src/code-of.js';
import { sharedKafka } from '../src/shared-kafka.js';

/** Nothing listens on port 1 of a machine in its ordinary state. */
const nowhere: KafkaOptions = { brokers: ['127.0.0.1:1'] };
const patientMs = 30_000;

let breakable: KafkaCluster;
let secured: KafkaCluster;
beforeAll(async () => {
  breakable = await startKafka({ isolated: true });
  secured = await startKafka({ isolated: true, security: 'sasl-ssl' });
});
afterAll(async () => {
  await breakable.stop();
  await secured.stop();
});

sameCode('no broker answers connect', 'BACKEND_UNAVAILABLE', (create) =>
  withService(create(nowhere), (service) => service.connect({ timeoutMs: 2_000 })),
);

sameCode('no broker answers the first push', 'BACKEND_UNAVAILABLE', (create) =>
  withService(create(nowhere), (service) => push(service, { timeoutMs: 2_000 })),
);

sameCode(
  'the brokers are killed in mid-push, for longer than the push may take',
  'PUBLISH_TIMED_OUT',
  (create) => killInMidPush(create, {}, { timeoutMs: 2_000 }),
);

sameCode(
  'the brokers are killed in mid-push, for longer than the client tries',
  'PUBLISH_TIMED_OUT',
  (create) => killInMidPush(create, { deliveryTimeoutMs: 2_000 }, { timeoutMs: patientMs }),
);

sameCode('the brokers are frozen', 'PUBLISH_TIMED_OUT', (create) =>
  whileFrozen(create, {}, (service) => push(service, { timeoutMs: 2_000 })),
);

sameCode('the queue stays full', 'QUEUE_FULL', (create) =>
  whileFrozen(create, { maxQueuedBytes: 1 }, async (service) => {
    const first = codeOf(push(service, { timeoutMs: 2_000 }));
    await push(service, { timeoutMs: 1_000 }).finally(async () => {
      expect(await first).toBe('PUBLISH_TIMED_OUT');
    });
  }),
);

sameCode('a command is larger than the topic allows', 'MESSAGE_TOO_LARGE', async (create) => {
  const settings = sharedKafka();
  const commandTopic = await createTestTopic(settings, {
    partitions: 1,
    config: { 'max.message.bytes': '1000' },
  });
  return withService(
    create(settings),
    (service) => push(service, {}, { text: randomUUID().repeat(100) }),
    commandTopic,
  );
});

sameCode('the topic does not exist', 'TOPIC_UNKNOWN', (create) =>
  withService(create(breakable.settings), (service) => push(service), `no-such-topic-${randomUUID()}`),
);

for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
  sameCode(`the password for ${mechanism} is wrong`, 'AUTHENTICATION_FAILED', (create) =>
    withService(
      create({ ...secured.settings, sasl: { mechanism, username: 'admin', password: 'wrong' } }),
      (service) => push(service),
    ),
  );
}

sameCode("the brokers' certificate is not trusted", 'AUTHENTICATION_FAILED', (create) =>
  withService(create({ ...secured.settings, tls: true }), (service) => push(service)),
);

sameCode('the user may not write', 'AUTHORIZATION_FAILED', async (create) => {
  const topic = await createTestTopic(secured.settings, { partitions: 1 });
  const sasl = secured.credentials?.guest.plain;
  if (sasl === undefined) throw new Error('the secured cluster has no guest');
  return withService(create({ ...secured.settings, sasl }), (service) => push(service), topic);
});

sameCode('the service is closed', 'CLOSED', async (create) => {
  const service = createPusherService({ backend: create(sharedKafka()) });
  await service.close();
  await push(service);
});

sameCode('the backend is closed', 'CLOSED', async (create) => {
  const backend = create(sharedKafka());
  await backend.close({ timeoutMs: patientMs });
  return withService(backend, (service) => push(service));
});

sameCode('the signal is aborted before the push', 'ABORTED', (create) =>
  withService(create(sharedKafka()), (service) => push(service, { signal: AbortSignal.abort() })),
);

sameCode('the signal is aborted in mid-push', 'ABORTED', (create) =>
  whileFrozen(create, {}, (service) => push(service, { signal: AbortSignal.timeout(500) })),
);

/** The run ends with an error of this code, whichever backend it uses. */
function sameCode(
  what: string,
  code: PusherErrorCode,
  run: (create: CreateBackend) => Promise<unknown>,
): void {
  test(`${what}: ${code}`, async () => {
    const codes = {
      kafkajs: await codeOf(run(backends.kafkajs)),
      rdkafka: await codeOf(run(backends.rdkafka)),
    };
    expect(codes).toEqual({ kafkajs: code, rdkafka: code });
  });
}

function push(service: PusherService, options: PushOptions = {}, payload: CommandInput['payload'] = {}) {
  return service.pushCommand(
    { deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt', payload },
    { timeoutMs: patientMs, ...options },
  );
}

async function withService<Result>(
  backend: Backend,
  use: (service: PusherService) => Promise<Result>,
  commandTopic = 'device_commands',
): Promise<Result> {
  const service = createPusherService({ backend, commandTopic });
  try {
    return await use(service);
  } finally {
    await service.close({ timeoutMs: 1_000 });
  }
}

/** A service that has pushed to the breakable cluster before. */
async function withConnectedService<Result>(
  create: CreateBackend,
  settings: Partial<KafkaOptions>,
  use: (service: PusherService) => Promise<Result>,
): Promise<Result> {
  const topic = await createTestTopic(breakable.settings, { partitions: 1 });
  return withService(
    create({ ...breakable.settings, ...settings }),
    async (service) => {
      await push(service);
      return use(service);
    },
    topic,
  );
}

function whileFrozen<Result>(
  create: CreateBackend,
  settings: Partial<KafkaOptions>,
  use: (service: PusherService) => Promise<Result>,
): Promise<Result> {
  return withConnectedService(create, settings, async (service) => {
    breakable.freeze();
    try {
      return await use(service);
    } finally {
      breakable.thaw();
    }
  });
}

/** The brokers are frozen first, so that the push is certainly in flight when they are killed. */
function killInMidPush(create: CreateBackend, settings: Partial<KafkaOptions>, options: PushOptions) {
  return withConnectedService(create, settings, async (service) => {
    breakable.freeze();
    const outcome = push(service, options).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await breakable.kill();
    try {
      const failure = await outcome;
      if (failure) throw failure.error;
    } finally {
      await breakable.start();
    }
  });
}
