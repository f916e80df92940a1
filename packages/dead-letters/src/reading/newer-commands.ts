import type { Backend } from '@preservarium/backend';
import { decodeCommand, TopicUnknownError } from '@preservarium/core';
import { type DeadEntry, deviceOf } from './dead-entry.js';
import type { NewestCommands } from './newest-commands.js';
import { type ReadToEndOptions, readToEnd } from './read-to-end.js';
import { topicEnds } from './topic-ends.js';

/** Offsets in the command topics after which newer commands of the same devices and supersede keys may follow. */
export interface Origins {
  add(entry: DeadEntry): void;
  /** By topic and partition, the lowest offset of a dead letter's command. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Devices of the dead letters. */
  readonly deviceIds: ReadonlySet<string>;
}

/** Creates empty {@link Origins}. */
export function createOrigins(): Origins {
  const offsets = new Map<string, Map<number, number>>();
  const deviceIds = new Set<string>();
  return {
    offsets,
    deviceIds,
    add(entry) {
      if (!entry.decoded.ok || entry.decoded.command.supersedeKey === undefined) return;
      const { topic, partition, offset } = entry.letter.source;
      const ofTopic = offsets.get(topic) ?? new Map<number, number>();
      offsets.set(topic, ofTopic.set(partition, Math.min(offset, ofTopic.get(partition) ?? offset)));
      deviceIds.add(deviceOf(entry));
    },
  };
}

/** Reads the command topics after the origins, and notes the commands there. */
export async function noteNewerCommands(
  backend: Backend,
  newest: NewestCommands,
  { offsets, deviceIds }: Origins,
  options: Pick<ReadToEndOptions, 'timeoutMs' | 'signal'>,
): Promise<void> {
  for (const [topic, firstOffsets] of offsets) {
    const ends = await endsOf(topic);
    for (const [partition, endOffset] of ends) {
      if (endOffset <= (firstOffsets.get(partition) ?? Number.POSITIVE_INFINITY) + 1) ends.delete(partition);
    }
    await readToEnd(backend, {
      ...options,
      topic,
      ends,
      onRecord({ partition, offset, timestampMs, key, value }) {
        if (offset <= (firstOffsets.get(partition) ?? 0) || !deviceIds.has(key?.toString() ?? '')) return;
        const requestId = `${topic}-${partition}-${offset}`;
        const decoded = decodeCommand(value, { requestId, timestamp: new Date(timestampMs) });
        if (decoded.ok) newest.noteCommand(decoded.command, { topic, partition, offset });
      },
    });
  }

  async function endsOf(topic: string): Promise<Map<number, number>> {
    try {
      return await topicEnds(backend, { ...options, topic });
    } catch (error) {
      // Nothing can be sent there either, which is said of each letter.
      if (TopicUnknownError.isInstance(error)) return new Map();
      throw error;
    }
  }
}
