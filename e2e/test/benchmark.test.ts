import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../benchmarks/dist/main.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preservarium-benchmark-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const comparisons = [
  'idle.cpu',
  'kafkajs.latency.p50 / kafkajs.send.p50',
  'kafkajs.pushCommand@1000 / kafkajs.sendEach@1000',
  'kafkajs.pushCommands / kafkajs.sendBatch',
  'rdkafka.latency.p50 / node-rdkafka.bestPolling.p50',
  'rdkafka.pushCommand@10000 / node-rdkafka.promiseEach@10000',
  'rdkafka.pushCommands / c.rdkafka_performance',
  'rdkafka.pushCommands / node-rdkafka.deliveryReport',
  'rdkafka.pushCommands / platformatic.sendBatch',
];

// How fast anything is depends on what else the machine does; that all is there, and nothing lost, does not.
test('a quick benchmark of pushes makes every comparison, and loses nothing', async () => {
  const file = join(folder, 'figures.json');
  // It fails where something is missing, repeated or out of order.
  await promisify(execFile)(process.execPath, [program, 'push', '--quick', '--json', file], {
    timeout: 280_000,
  });
  const { verified, push } = JSON.parse(await readFile(file, 'utf8')) as Figures;
  expect(verified).toBe(true);
  expect(push.verdicts.map(({ name }) => name).sort()).toEqual(comparisons);
  for (const { spread } of [...push.figures, ...push.verdicts]) expect(spread.median).toBeGreaterThan(0);
}, 300_000);

interface Figures {
  readonly verified: boolean;
  readonly push: { readonly figures: readonly Named[]; readonly verdicts: readonly Named[] };
}

interface Named {
  readonly name: string;
  readonly spread: { readonly median: number };
}
