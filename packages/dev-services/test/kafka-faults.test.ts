import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestTopic, type KafkaCluster, readTopic, startKafka, writeTopic } from '../src/index.js';

describe('a broker of its own', () => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ isolated: true });
  });
  afterAll(() => kafka.stop());

  test('is Apache Kafka on this machine, with one broker and no security', () => {
    expect(kafka.kind).toBe('java');
    expect(kafka.brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(kafka.settings).toEqual({ brokers: kafka.brokers });
  });

  test('answers nothing while frozen, and goes on when thawed', async () => {
    const topic = await createTestTopic(kafka.settings, { partitions: 1 });
    await writeTopic(kafka.settings, topic, [{ partition: 0, value: Buffer.from('before') }]);
    kafka.freeze();
    expect(await accepts(kafka.brokers[0])).toBe(true);
    await expect(readTopic(kafka.settings, topic, { timeoutMs: 2000 })).rejects.toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
    });
    kafka.thaw();
    expect(await readTopic(kafka.settings, topic)).toHaveLength(1);
  });

  test('is gone when killed, and comes back with its data on its port', async () => {
    const topic = await createTestTopic(kafka.settings, { partitions: 1 });
    const records = Array.from({ length: 500 }, (_, index) => ({
      partition: 0,
      value: Buffer.from(`${index}`),
    }));
    await writeTopic(kafka.settings, topic, records);
    await kafka.kill();
    expect(await accepts(kafka.brokers[0])).toBe(false);
    await kafka.start();
    const values = (await readTopic(kafka.settings, topic)).map(({ value }) => String(value));
    expect(values).toEqual(records.map(({ value }) => String(value)));
  });
});

describe('nothing stays behind', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafka-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('after stop, also of a frozen broker', async () => {
    vi.stubEnv('TMPDIR', folder);
    const kafka = await startKafka({ isolated: true });
    vi.unstubAllEnvs();
    expect(readdirSync(folder)).toHaveLength(1);
    kafka.freeze();
    await kafka.stop();
    expect(await accepts(kafka.brokers[0])).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    await kafka.stop();
    await expect(kafka.start()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('after the process that started it was killed', async () => {
    const library = new URL('../dist/index.js', import.meta.url).href;
    const program = `
      import { startKafka } from '${library}';
      const kafka = await startKafka({ isolated: true });
      console.log(kafka.brokers[0]);
      process.stdin.resume();`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [broker] = await once(createInterface({ input: parent.stdout }), 'line');
    expect(await accepts(broker)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => accepts(broker), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => readdirSync(folder), { timeout: 30_000 }).toEqual([]);
  });
});

/** Resolves to true if a server accepts connections there. */
function accepts(broker = ''): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${broker}`);
  const socket = connect({ host: hostname, port: Number(port) });
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
