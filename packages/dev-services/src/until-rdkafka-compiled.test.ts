import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rdkafkaIsCompiling, untilRdkafkaCompiled } from './until-rdkafka-compiled.js';

test('waits while the file that RDKAFKA_COMPILING names is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'compiling-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mark = join(folder, 'compiling');
  writeFileSync(mark, '');
  vi.stubEnv('RDKAFKA_COMPILING', mark);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(rdkafkaIsCompiling()).toBe(true);
  let isCompiled = false;
  const waiting = untilRdkafkaCompiled().then(() => {
    isCompiled = true;
  });
  await new Promise(setImmediate);
  expect(isCompiled).toBe(false);
  rmSync(mark);
  await waiting;
  expect(rdkafkaIsCompiling()).toBe(false);
});

test('waits for nothing where nothing is being compiled', async () => {
  vi.stubEnv('RDKAFKA_COMPILING', undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  await untilRdkafkaCompiled();
});
