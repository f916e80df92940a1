// A process that reads the settings of a fleet once.

import type { KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createSettings } from '@preservarium/settings';
import { answerQuestions } from '../answer-questions.js';
import { peakResidentBytes } from '../peak-resident-bytes.js';

export interface StartArgument {
  readonly client: 'kafkajs' | 'rdkafka';
  readonly kafka: KafkaOptions;
  readonly topics: { readonly settingsTopic: string; readonly reportedTopic: string };
  /** Undefined: the settings are in memory. */
  readonly stateDir: string | undefined;
}

export type StartQuestion = 'start' | 'close';

export interface StartAnswer {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly devices: number;
  readonly outOfSync: number;
  /** The most that was resident before the settings were read, with a client that is connected. */
  readonly baseBytes: number;
  /** The most that was resident until now. */
  readonly peakBytes: number;
}

const { client, kafka, topics, stateDir } = JSON.parse(process.argv[2] ?? '{}') as StartArgument;
const backend = client === 'kafkajs' ? createKafkajsBackend(kafka) : createRdkafkaBackend(kafka);
await backend.connect({ timeoutMs: 30_000 });
const baseBytes = peakResidentBytes();
const startedAtMs = performance.now();
const before = process.cpuUsage();
const settings = await createSettings({ backend, ...topics, stateDir, timeoutMs: 60_000 });
const seconds = (performance.now() - startedAtMs) / 1_000;
const { user, system } = process.cpuUsage(before);

answerQuestions<StartQuestion, StartAnswer>(async (question) => {
  let outOfSync = 0;
  if (question === 'close') await settings.close();
  else for (const _ of settings.outOfSync()) outOfSync += 1;
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    devices: settings.status().devices,
    outOfSync,
    baseBytes,
    peakBytes: peakResidentBytes(),
  };
});
