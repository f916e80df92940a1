import { isDeepStrictEqual } from 'node:util';
import type { ConsumedRecord, KafkaSettings } from '@preservarium/publisher';
import { readTopic } from '@preservarium/testkit';
import type { PushedExample } from './push-examples.js';
import { commandTopic, settingsTopic } from './topics.js';

export interface ReadBackExample extends PushedExample {
  /** The record that a consumer outside the backends found; absent where none has the content that was pushed. */
  readonly record: ConsumedRecord | undefined;
}

export async function readBack(
  settings: KafkaSettings,
  pushed: readonly PushedExample[],
): Promise<readonly ReadBackExample[]> {
  const records = (
    await Promise.all([commandTopic, settingsTopic].map((topic) => readTopic(settings, topic)))
  ).flat();
  return pushed.map((push) => ({ ...push, record: records.find((record) => isRecordOf(record, push)) }));
}

function isRecordOf({ topic, key, value }: ConsumedRecord, { example, receipt }: PushedExample): boolean {
  if (topic !== receipt.topic || key?.toString() !== example.deviceId || value === null) return false;
  const content: Record<string, unknown> = JSON.parse(value.toString());
  return (
    content.request_id === receipt.requestId &&
    Object.entries(example.expected).every(([name, expected]) => isDeepStrictEqual(content[name], expected))
  );
}
