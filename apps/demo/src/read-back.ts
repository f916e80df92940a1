import { isDeepStrictEqual } from 'node:util';
import type { ConsumedRecord, KafkaOptions } from '@preservarium/backend';
import { readTopic } from '@preservarium/dev-services';
import type { DemoPush } from './demo-push.js';
import { topics } from './topics.js';

/** A push and its record, read by a consumer outside the backends. */
export interface ReadBack {
  readonly push: DemoPush;
  readonly pushedWith: string;
  /** Undefined if no record has the pushed content. */
  readonly record: ConsumedRecord | undefined;
}

export async function readBack(
  settings: KafkaOptions,
  pushed: readonly Pick<ReadBack, 'push' | 'pushedWith'>[],
): Promise<readonly ReadBack[]> {
  const records = (
    await Promise.all([topics.commands, topics.settings].map((topic) => readTopic(settings, topic)))
  ).flat();
  return pushed.map((one) => ({ ...one, record: records.find((record) => isRecordOf(record, one.push)) }));
}

function isRecordOf(
  { key, value }: ConsumedRecord,
  { deviceId, requestId, content = {} }: DemoPush,
): boolean {
  if (key?.toString() !== deviceId || value === null || !value.includes(`"${requestId}"`)) return false;
  const found: Record<string, unknown> = JSON.parse(value.toString());
  return (
    found.request_id === requestId &&
    Object.entries(content).every(([name, expected]) => isDeepStrictEqual(found[name], expected))
  );
}
