import {
  createTestTopic,
  grantAccess,
  type KafkaCluster,
  readTopic,
  startKafka,
} from '@preservarium/dev-services';
import { createMskIamToken } from '@preservarium/msk-iam';
import { createPusherService } from '@preservarium/publisher';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { backends } from '../src/backends.js';

// The example of AWS's documentation.
const key = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const command = { deviceId: 'lamp-7', commandType: 'on', protocol: 'mqtt' } as const;

let kafka: KafkaCluster;
beforeAll(async () => {
  kafka = await startKafka({ security: 'sasl-ssl', isolated: true, mskIam: key });
});
afterAll(() => kafka?.stop());

/** Nothing of the machine that runs the tests: no profile, no role. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  return () => vi.unstubAllEnvs();
});

function serviceOf(createBackend: (typeof backends)[keyof typeof backends], commandTopic: string) {
  const sasl = { mechanism: 'oauthbearer' as const, token: createMskIamToken({ region: 'eu-central-1' }) };
  const service = createPusherService({
    backend: createBackend({ ...kafka.settings, sasl }),
    commandTopic,
    timeoutMs: 20_000,
  });
  onTestFinished(() => service.close());
  return service;
}

test.each(Object.entries(backends))(
  'through %s, a listener that checks tokens of MSK with IAM lets in the access key alone',
  async (_, createBackend) => {
    const topic = await createTestTopic(kafka.settings, { partitions: 1 });
    const granted = { kind: 'topic', name: topic, operations: ['Write', 'Describe'] } as const;
    await grantAccess(kafka.settings, [{ ...granted, username: key.accessKey }]);
    vi.stubEnv('AWS_ACCESS_KEY_ID', key.accessKey);

    vi.stubEnv('AWS_SECRET_ACCESS_KEY', `${key.secretKey}x`);
    const refused = serviceOf(createBackend, topic);
    await expect(refused.pushCommand(command)).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' });

    vi.stubEnv('AWS_SECRET_ACCESS_KEY', key.secretKey);
    const service = serviceOf(createBackend, topic);
    const { requestId } = await service.pushCommand(command);
    const records = await readTopic(kafka.settings, topic);
    expect(records.map(({ value }) => JSON.parse(String(value)).request_id)).toEqual([requestId]);
  },
);
