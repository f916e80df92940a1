// A process that changes the settings of one device, while others do the same.

import type { KafkaOptions } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { PusherError } from '@preservarium/core';
import { createSettings } from '@preservarium/settings';
import { answerQuestions } from '../answer-questions.js';

export interface WriterArgument {
  readonly client: 'kafkajs' | 'rdkafka';
  readonly kafka: KafkaOptions;
  readonly topics: { readonly settingsTopic: string; readonly reportedTopic: string };
  /** Name of this process: the setting that it changes. */
  readonly name: string;
  readonly changes: number;
  /** Deadline of each change, in milliseconds. */
  readonly timeoutMs: number;
}

export type WriterQuestion = 'ready' | 'write' | 'read';

export interface WriterAnswer {
  readonly accepted: number;
  /** Changes that were accepted and are not in the settings. */
  readonly lost: number;
  /** Rejected changes, by the code of the error. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly slowestSeconds: number;
  /** The settings of the device as this process knows them. */
  readonly desired: object;
}

const { client, kafka, topics, name, changes, timeoutMs } = JSON.parse(
  process.argv[2] ?? '{}',
) as WriterArgument;
const backend = client === 'kafkajs' ? createKafkajsBackend(kafka) : createRdkafkaBackend(kafka);
const settings = await createSettings({ backend, ...topics, timeoutMs });
const deviceId = 'device-0';

async function write(): Promise<WriterAnswer> {
  let [accepted, lost, slowestSeconds] = [0, 0, 0];
  const rejected: Record<string, number> = {};
  const startedAtMs = performance.now();
  const seconds = () => (performance.now() - startedAtMs) / 1_000;
  await Promise.all(
    Array.from({ length: changes }, async (_, number) => {
      try {
        const { desired } = await settings.pushSettings(deviceId, { [name]: number });
        accepted += 1;
        if (desired[name] !== number) lost += 1;
        slowestSeconds = seconds();
      } catch (error) {
        if (!PusherError.isInstance(error)) throw error;
        rejected[error.code] = (rejected[error.code] ?? 0) + 1;
      }
    }),
  );
  return { accepted, lost, rejected, seconds: seconds(), slowestSeconds, desired: {} };
}

answerQuestions<WriterQuestion, WriterAnswer>(async (question) => {
  if (question === 'write') return write();
  const desired = settings.getSettings(deviceId)?.desired ?? {};
  return { accepted: 0, lost: 0, rejected: {}, seconds: 0, slowestSeconds: 0, desired };
});
