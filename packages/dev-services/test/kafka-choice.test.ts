import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startKafka } from '../src/index.js';

const shared = process.env.KAFKA_BOOTSTRAP_SERVERS;

beforeEach(() => {
  vi.stubEnv('JAVA_HOME', '/nowhere');
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  vi.stubEnv('KAFKA_BOOTSTRAP_SERVERS', undefined);
  vi.stubEnv('CI', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('takes the cluster that KAFKA_BOOTSTRAP_SERVERS names, and leaves it alone', async () => {
  vi.stubEnv('KAFKA_BOOTSTRAP_SERVERS', shared);
  const kafka = await startKafka();
  expect(kafka).toMatchObject({ kind: 'existing', brokers: shared?.split(',') });
  for (const fault of [kafka.freeze, kafka.thaw]) expect(fault).toThrow(/startKafka\({ isolated: true }\)/);
  for (const fault of [kafka.kill, kafka.start]) {
    await expect(fault()).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  }
  await kafka.stop();
  expect((await startKafka()).kind).toBe('existing');
});

test('does not put another cluster in the place of one that does not answer', async () => {
  vi.stubEnv('KAFKA_BOOTSTRAP_SERVERS', '127.0.0.1:1');
  await expect(startKafka()).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('KAFKA_BOOTSTRAP_SERVERS is "127.0.0.1:1"'),
  });
});

test('where CI is set, says what was tried and what to install', async () => {
  vi.stubEnv('CI', 'true');
  const failure = startKafka();
  await expect(failure).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  await expect(failure).rejects.toThrow(/existing.*KAFKA_BOOTSTRAP_SERVERS is not set/);
  await expect(failure).rejects.toThrow(/Java.*\/nowhere\/bin\/java is not installed/);
  await expect(failure).rejects.toThrow(/Docker: docker/);
  await expect(failure).rejects.toThrow('apt-get install -y openjdk-17-jre-headless maven');
});

test('elsewhere, falls back to the mock cluster and says so', async () => {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await using kafka = await startKafka({ brokers: 3 });
  expect(kafka.kind).toBe('mock');
  expect(kafka.brokers).toHaveLength(3);
  expect(printed).toHaveBeenCalledWith(expect.stringContaining('mock cluster, which is not a Kafka'));
});
