import { randomUUID } from 'node:crypto';
import type { TopicAdmin } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import type { ReadToEndOptions } from './read-to-end.js';

/** Returns the current end offset of each partition that has records. */
export async function topicEnds(
  backend: TopicAdmin,
  { topic, timeoutMs, signal }: Pick<ReadToEndOptions, 'topic' | 'timeoutMs' | 'signal'>,
): Promise<Map<number, number>> {
  const asked = backend.offsets({ topic, groupId: `pusher_dead_letters_${randomUUID()}` });
  const offsets = await withDeadline(asked, { doing: `read ${topic}`, timeoutMs, signal });
  return new Map(
    offsets
      .filter(({ startOffset, endOffset }) => endOffset > startOffset)
      .map(({ partition, endOffset }) => [partition, endOffset]),
  );
}
