import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublisherBackend } from '@preservarium/backend';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { encodeSettings, parseSettings } from '@preservarium/core';
import { createTestTopic, type KafkaCluster } from '@preservarium/dev-services';
import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { startChildProgram } from '../child-program.js';
import { mergeResults } from '../merge-results.js';
import { spreadOf } from '../spread.js';
import type { StartAnswer, StartArgument, StartQuestion } from './start-program.js';

/** A process reads the settings of a fleet: into memory, into a file, and with the file of the start before. */
export const settingsStart: Benchmark = { name: 'settings', run };

type Topics = StartArgument['topics'];

const clients = ['kafkajs', 'rdkafka'] as const;
const timeoutMs = 300_000;
const batchSize = 5_000;
const mebibyte = 2 ** 20;

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const devices = options.quick ? 10_000 : (options.devices ?? 300_000);
  const topics = await fill(options.kafka, devices);
  const results: BenchmarkResult[] = [];
  for (const client of clients) {
    if (options.only?.includes(client) === false) continue;
    const directory = mkdtempSync(join(tmpdir(), 'preservarium-settings-'));
    try {
      for (const [name, stateDir] of [
        ['in memory', undefined],
        ['first start with a file', directory],
        ['next start with the file', directory],
      ] as const) {
        const kafka = options.kafka.settings;
        const answer = await start({ client, kafka, topics, stateDir });
        options.say(`settings: ${client}, ${name}: ${JSON.stringify(answer)}`);
        results.push(resultOf(`${client}, ${name}`, answer, devices, stateDir !== undefined));
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  return mergeResults(results);
}

/** Each device has reported what is desired of it. */
async function fill({ settings: kafka }: KafkaCluster, devices: number): Promise<Topics> {
  const config = { 'cleanup.policy': 'compact' };
  const create = () => createTestTopic(kafka, { partitions: 6, config });
  const topics = { settingsTopic: await create(), reportedTopic: await create() };
  const backend = createRdkafkaBackend(kafka);
  try {
    for (const topic of Object.values(topics)) await write(backend, topic, devices);
  } finally {
    await backend.close({ timeoutMs: 10_000 });
  }
  return topics;
}

async function write(backend: PublisherBackend, topic: string, devices: number): Promise<void> {
  for (let first = 0; first < devices; first += batchSize) {
    const count = Math.min(batchSize, devices - first);
    const records = Array.from({ length: count }, (_, index) => recordOf(topic, first + index));
    for (const outcome of await backend.publish(records, { timeoutMs })) if (!outcome.ok) throw outcome.error;
  }
}

function recordOf(topic: string, number: number) {
  const deviceId = `device-${number}`;
  const settings = {
    name: `lamp ${number}`,
    led: { color: 'blue', on: number % 2 === 0, level: number % 100 },
    rate: 5,
    interval: { seconds: 60, spread: 5 },
    thresholds: { low: 10.5, high: 99.25 },
    zones: [1, 2, 3],
  };
  const value = encodeSettings(parseSettings({ deviceId, settings, protocol: 'mqtt', baseVersion: -1 }));
  return { topic, key: deviceId, value };
}

async function start(argument: StartArgument): Promise<StartAnswer> {
  await using program = startChildProgram<StartQuestion, StartAnswer>(
    new URL('./settings-start-program.js', import.meta.url),
    argument,
  );
  const answer = await program.ask('start', { timeoutMs });
  await program.ask('close', { timeoutMs });
  return answer;
}

function resultOf(name: string, answer: StartAnswer, devices: number, isInFile: boolean): BenchmarkResult {
  const { seconds, cpuSeconds, peakBytes, baseBytes, outOfSync } = answer;
  const figure = (unit: 's' | 'peak MiB' | 'MiB' | 'CPU s per million', value: number) => ({
    name,
    unit,
    spread: spreadOf([value]),
  });
  const mebibytes = (peakBytes - baseBytes) / mebibyte;
  return {
    ...emptyResult,
    figures: [
      figure('s', seconds),
      figure('CPU s per million', (cpuSeconds * 1e6) / devices),
      figure('peak MiB', peakBytes / mebibyte),
      figure('MiB', mebibytes),
    ],
    verdicts: isInFile
      ? [
          {
            name: `${name}, MB of the settings`,
            unit: 'MB',
            spread: spreadOf([mebibytes]),
            target: { atMost: 150 },
          },
        ]
      : [],
    measurements: [{ name, ...answer }],
    failures:
      answer.devices === devices && outOfSync === 0
        ? []
        : [`${name}: ${answer.devices} of ${devices} devices were read, ${outOfSync} of them out of sync`],
  };
}
