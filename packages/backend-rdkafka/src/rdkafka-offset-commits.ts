import type { ProcessedPosition } from '@preservarium/backend';
import type { KafkaConsumer, LibrdKafkaError, TopicPartitionOffset } from 'node-rdkafka';

/** Commits offsets of one consumer, which answers through `offset_commit_cb`. */
export interface RdkafkaOffsetCommits {
  /** Resolves once the brokers have the positions. */
  send(consumer: Pick<KafkaConsumer, 'commit'>, positions: readonly ProcessedPosition[]): Promise<void>;
  /** Takes an answer of the client; one that comes after all other answers to a commit is ignored. */
  onAnswer(error: LibrdKafkaError | undefined, offsets: readonly TopicPartitionOffset[]): void;
}

export function createRdkafkaOffsetCommits(): RdkafkaOffsetCommits {
  const pending = new Map<string, PromiseWithResolvers<void>>();

  return {
    async send(consumer, positions) {
      const offsets = positions.map(({ topic, partition, nextOffset }) => ({
        topic,
        partition,
        offset: nextOffset,
      }));
      const answer = Promise.withResolvers<void>();
      const name = nameOf(offsets);
      pending.set(name, answer);
      consumer.commit(offsets);
      await answer.promise.finally(() => pending.delete(name));
    },
    onAnswer(error, offsets) {
      const answer = pending.get(nameOf(offsets));
      if (error) answer?.reject(error);
      else answer?.resolve();
    },
  };
}

/** The same for the same offsets in any order. */
function nameOf(offsets: readonly TopicPartitionOffset[]): string {
  return offsets
    .map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`)
    .sort()
    .join();
}
